import { findReady, READY_WORD_BYTES, readLineEnd } from './ready-start.ts';
import { hasBytesAt, joinBytes, NO_BYTES } from './ready-start-bytes.ts';

/**
 * The permitted greeting before a peer's first `Ready`. `any`: everything before `Ready|`, with or without line ends.
 * `exact`: these bytes (possibly none) and an optional line end.
 */
export type Greeting = { readonly kind: 'any' } | { readonly kind: 'exact'; readonly bytes: Uint8Array };

export type GreetingRefusal = 'greeting-too-long' | 'greeting-unexpected';

/** Separates the greeting from the rest of a peer's data. */
export class GreetingReader {
  /** The greeting so far. */
  #text: Uint8Array = NO_BYTES;
  /** `line-end`: an exact greeting is complete, and its line end may follow. */
  #state: 'greeting' | 'line-end' | 'over';
  readonly #greeting: Greeting;
  readonly #maxBytes: number;

  constructor(greeting: Greeting, maxBytes: number) {
    this.#greeting = greeting;
    this.#maxBytes = maxBytes;
    this.#state = greeting.kind === 'exact' && greeting.bytes.length === 0 ? 'over' : 'greeting';
  }

  /** Whether the greeting is complete: `Ready` has arrived, or nothing else is permitted. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  get text(): Uint8Array {
    return this.#text;
  }

  /**
   * @param mayBeReady whether a command was sent; before that, `Ready|` is part of the greeting
   * @returns the part of the read after the greeting: all of it, once the greeting is over
   */
  takeRead(bytes: Uint8Array, mayBeReady: boolean): Uint8Array | GreetingRefusal {
    if (this.#state === 'over') return bytes;
    if (this.#state === 'line-end') return this.#takeLineEnd(bytes);
    if (this.#greeting.kind === 'exact') return this.#takeExact(bytes, this.#greeting.bytes);
    return this.#takeAny(bytes, mayBeReady);
  }

  #takeAny(bytes: Uint8Array, mayBeReady: boolean): Uint8Array | GreetingRefusal {
    const searchFrom = Math.max(0, this.#text.length - READY_WORD_BYTES + 1);
    const said = joinBytes(this.#text, bytes);
    const readyAt = mayBeReady ? findReady(said, searchFrom) : -1;
    const textEnd = readyAt === -1 ? said.length : readyAt;
    this.#text = said.slice(0, Math.min(textEnd, this.#maxBytes));
    if (textEnd > this.#maxBytes) return 'greeting-too-long';
    if (readyAt === -1) return NO_BYTES;
    this.#state = 'over';
    return said.subarray(readyAt);
  }

  #takeExact(bytes: Uint8Array, expected: Uint8Array): Uint8Array | GreetingRefusal {
    const takenBytes = Math.min(bytes.length, expected.length - this.#text.length);
    const taken = bytes.slice(0, takenBytes);
    const isExpected = hasBytesAt(expected, taken, this.#text.length);
    this.#text = joinBytes(this.#text, taken);
    if (!isExpected) return 'greeting-unexpected';
    if (this.#text.length < expected.length) return NO_BYTES;
    this.#state = 'line-end';
    return this.#takeLineEnd(bytes.subarray(takenBytes));
  }

  #takeLineEnd(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return NO_BYTES;
    const lineEnd = readLineEnd(bytes, 0);
    if (lineEnd === 'incomplete') return NO_BYTES;
    this.#state = 'over';
    return bytes.subarray(lineEnd);
  }
}

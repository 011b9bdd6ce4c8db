import { findReady, READY_WORD_BYTES, readLineEnd } from './ready-start.ts';
import { hasBytesAt, joinBytes, NO_BYTES } from './ready-start-bytes.ts';

/**
 * What a peer may say before its first `Ready`. `any`: whatever comes until `Ready|`, on lines of its own or not.
 * `exact`: these bytes (none at all, if empty) and a line end if it likes.
 */
export type Greeting = { readonly kind: 'any' } | { readonly kind: 'exact'; readonly bytes: Uint8Array };

export type GreetingRefusal = 'greeting-too-long' | 'greeting-unexpected';

/** Takes the greeting off the front of what a peer sends. */
export class GreetingReader {
  /** What was said so far. */
  #text: Uint8Array = NO_BYTES;
  /** `line-end`: an exact greeting is whole, its line end may follow. */
  #state: 'greeting' | 'line-end' | 'over';
  readonly #greeting: Greeting;
  readonly #maxBytes: number;

  constructor(greeting: Greeting, maxBytes: number) {
    this.#greeting = greeting;
    this.#maxBytes = maxBytes;
    this.#state = greeting.kind === 'exact' && greeting.bytes.length === 0 ? 'over' : 'greeting';
  }

  /** Whether `Ready` has come, or nothing else may. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  get text(): Uint8Array {
    return this.#text;
  }

  /**
   * @param mayBeReady whether a command was sent: before, `Ready|` is part of the greeting like anything else
   * @returns what of the read is no greeting: all of it, once a greeting is over
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

import { CARRIAGE_RETURN, NEWLINE, readLineEnd, START } from './ready-start.ts';
import { hasBytesAt, joinBytes, NO_BYTES } from './ready-start-bytes.ts';

/** A command line of a peer, without its line end. */
export interface CommandLine {
  readonly bytes: Uint8Array;
  /** Whether a newline ended it, and not the quiet time; the answer then has a newline too. */
  readonly hadNewline: boolean;
}

/** The unprocessed input of a Ready/Start peer: complete lines, and the bytes of an incomplete one. */
export class ReadyStartInput {
  #lines: CommandLine[] = [];
  #held: Uint8Array = NO_BYTES;
  /** Whether a line end that arrives next belongs to the previous line or `Start`. */
  #lineEndMayFollow = false;

  /** The incomplete line. */
  get held(): Uint8Array {
    return this.#held;
  }

  get waitingLines(): number {
    return this.#lines.length;
  }

  /** Adds a read that passed the check. It is not split yet, since its meaning depends on whether a Start is expected. */
  addRead(bytes: Uint8Array): void {
    const skipped = this.#lineEndMayFollow ? readLineEnd(bytes, 0) : 0;
    if (bytes.length > 0) this.#lineEndMayFollow = false;
    this.#held = joinBytes(this.#held, skipped === 'incomplete' ? bytes : bytes.subarray(skipped));
  }

  /** Splits the held bytes into lines, up to the last newline. */
  splitLines(): void {
    let from = 0;
    for (let end = this.#held.indexOf(NEWLINE); end !== -1; end = this.#held.indexOf(NEWLINE, from)) {
      const textEnd = end > from && this.#held[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
      this.#lines.push({ bytes: this.#held.slice(from, textEnd), hadNewline: true });
      from = end + 1;
    }
    this.#held = from === this.#held.length ? NO_BYTES : this.#held.slice(from);
  }

  /** Makes the held bytes a line, for a peer that sends no newlines. */
  endLineByQuiet(): void {
    this.#lines.push({ bytes: this.#held, hadNewline: false });
    this.#held = NO_BYTES;
    this.#lineEndMayFollow = true;
  }

  takeLine(): CommandLine | undefined {
    return this.#lines.shift();
  }

  /**
   * Removes exactly `Start` and a line end from the front; what follows stays as the next command. Lines that arrived before
   * `Ready` and are no Start are queued for later and do not interfere.
   * @returns `other` if the bytes that arrived after `Ready` are something else
   */
  takeStart(): 'taken' | 'awaited' | 'other' {
    const line = this.#lines[0];
    if (line !== undefined && hasBytesAt(line.bytes, START, 0)) {
      const bytes = line.bytes.subarray(START.length);
      this.#lines.splice(0, 1, ...(bytes.length === 0 ? [] : [{ ...line, bytes }]));
      return 'taken';
    }
    const seenBytes = Math.min(this.#held.length, START.length);
    if (!hasBytesAt(this.#held, START.subarray(0, seenBytes), 0)) return 'other';
    if (seenBytes < START.length) return 'awaited';
    const lineEnd = readLineEnd(this.#held, START.length);
    const usedBytes = START.length + (lineEnd === 'incomplete' ? 0 : lineEnd);
    this.#lineEndMayFollow = usedBytes === this.#held.length && lineEnd === 0;
    this.#held = this.#held.slice(usedBytes);
    return 'taken';
  }

  /** Discards everything; nothing of it will be run. */
  clear(): void {
    this.#lines = [];
    this.#held = NO_BYTES;
  }
}

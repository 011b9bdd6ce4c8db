/** Follows where a bracketed paste (xterm's ctlseqs) begins and ends among keys, however they are cut. */
export interface PasteTracker {
  /** Whether a paste has begun and not ended. */
  readonly isOpen: boolean;
  /** Takes all keys. */
  take(keys: Iterable<number>): void;
  /** Takes keys up to the end of the paste, and that too. @returns how many bytes that were; all where it has no end */
  takeToEnd(keys: Uint8Array): number;
}

const ESC = 0x1b;
const MARK = [ESC, 0x5b, 0x32, 0x30] as const;
const START = 0x30;
const END = 0x31;
const TILDE = 0x7e;

export function createPasteTracker(): PasteTracker {
  let isOpen = false;
  /** How many bytes of a mark have come. */
  let matched = 0;
  let which: number = START;

  /** @returns whether a paste ends with the byte */
  function step(byte: number): boolean {
    if (matched < MARK.length && byte === MARK[matched]) matched++;
    else if (matched === MARK.length && (byte === START || byte === END)) {
      which = byte;
      matched++;
    } else if (matched > MARK.length && byte === TILDE) {
      matched = 0;
      isOpen = which === START;
      return !isOpen;
    } else matched = byte === ESC ? 1 : 0;
    return false;
  }

  return {
    get isOpen() {
      return isOpen;
    },
    take(keys) {
      for (const byte of keys) step(byte);
    },
    takeToEnd(keys) {
      for (const [at, byte] of keys.entries()) if (step(byte)) return at + 1;
      return keys.length;
    },
  };
}

/** Tracks the begin and end of bracketed pastes (xterm's ctlseqs) in keyboard input, across chunks. */
export interface PasteTracker {
  /** Whether a paste is in progress. */
  readonly isOpen: boolean;
  /** Processes all bytes. */
  take(keys: Iterable<number>): void;
  /** Processes bytes up to and including the end of the paste. @returns their count; all bytes if there is no end */
  takeToEnd(keys: Uint8Array): number;
}

const ESC = 0x1b;
const MARK = [ESC, 0x5b, 0x32, 0x30] as const;
const START = 0x30;
const END = 0x31;
const TILDE = 0x7e;

export function createPasteTracker(): PasteTracker {
  let isOpen = false;
  /** Count of bytes of a marker received so far. */
  let matched = 0;
  let which: number = START;

  /** @returns whether the byte ends a paste */
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

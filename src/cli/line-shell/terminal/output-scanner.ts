import { createControlParser } from '../../../protocol/control-parser.ts';

/** What of an output may be written to a terminal now. */
export interface ScannedOutput {
  /** Ends between two characters and outside of every escape sequence, so that others may write behind it. */
  readonly bytes: Uint8Array;
  /** Whether it leaves the cursor at the start of a line; null: as it was. */
  readonly isAtLineStart: boolean | null;
}

/** Follows an output on its way to a terminal. */
export interface OutputScanner {
  take(bytes: Uint8Array): ScannedOutput;
  /** What was held back because its end was missing. */
  flush(): Uint8Array;
  /** Whether what was given ends inside a sequence or string, which was too long to be held back. */
  readonly isOpen: boolean;
  /** Whether it has ever used a sequence that changes how a terminal writes. */
  readonly steersTerminal: boolean;
}

const ESC = 0x1b;
const NEWLINE = 0x0a;
const SHIFT_OUT = 0x0e;
/** A sequence that is longer is not waited for. */
const MAX_HELD_BYTES = 256;

const NO_LISTENER = {
  handleShift() {},
  handleEscape() {},
  handleControl() {},
  handleCommand() {},
};

/** For an output in UTF-8 with the control sequences of ECMA-48. */
export function createOutputScanner(): OutputScanner {
  let parser = createControlParser(NO_LISTENER);
  let held: Uint8Array = new Uint8Array(0);
  let steersTerminal = false;
  let isOpen = false;

  function scan(input: Uint8Array, from: number): ScannedOutput {
    let safe = 0;
    let isAtLineStart: boolean | null = null;
    for (let at = from; at < input.length; at++) {
      const byte = input[at] ?? 0;
      if (parser.isSettled) {
        isAtLineStart = readText(byte) ?? isAtLineStart;
        steersTerminal ||= byte === ESC || byte === SHIFT_OUT;
      }
      parser.take(byte);
      if (parser.isSettled) safe = at + 1;
    }
    if (input.length - safe > MAX_HELD_BYTES) safe = input.length;
    return { bytes: input.subarray(0, safe), isAtLineStart };
  }

  /** Bulk without sequences: only its last line matters. */
  function scanPlain(input: Uint8Array): ScannedOutput {
    const lastLine = input.subarray(input.lastIndexOf(NEWLINE) + 1);
    const { bytes, isAtLineStart } = scan(lastLine, 0);
    const hasNewline = lastLine.length < input.length;
    return {
      bytes: input.subarray(0, input.length - lastLine.length + bytes.length),
      isAtLineStart: isAtLineStart ?? (hasNewline ? true : null),
    };
  }

  return {
    take(bytes) {
      const input = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const isPlain =
        held.length === 0 && parser.isSettled && !input.includes(ESC) && !input.includes(SHIFT_OUT);
      const scanned = isPlain ? scanPlain(input) : scan(input, held.length);
      held = input.slice(scanned.bytes.length);
      isOpen = held.length === 0 && !parser.isSettled;
      return scanned;
    },
    flush() {
      const rest = held;
      isOpen = false;
      held = new Uint8Array(0);
      parser = createControlParser(NO_LISTENER);
      return rest;
    },
    get isOpen() {
      return isOpen;
    },
    get steersTerminal() {
      return steersTerminal;
    },
  };
}

/** Whether a line begins behind the byte; null: it moves nothing. */
function readText(byte: number): boolean | null {
  if (byte === NEWLINE) return true;
  return byte >= 0x20 && byte !== 0x7f ? false : null;
}

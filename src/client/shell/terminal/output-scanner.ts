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
  /** Whether it has ever used a sequence that changes how a terminal writes. */
  readonly steersTerminal: boolean;
}

const ESC = 0x1b;
const BEL = 0x07;
const NEWLINE = 0x0a;
const SHIFT_OUT = 0x0e;
/** A sequence that is longer is not waited for. */
const MAX_HELD_BYTES = 256;

/** `text`: between two sequences. `csi`, `string` (OSC, DCS ...): inside of one. `string-escape`: its end may follow. */
type State = 'text' | 'escape' | 'csi' | 'string' | 'string-escape';

/** For an output in UTF-8 with the control sequences of ECMA-48. */
export function createOutputScanner(): OutputScanner {
  let state: State = 'text';
  let held: Uint8Array = new Uint8Array(0);
  let steersTerminal = false;

  function scan(input: Uint8Array, from: number): ScannedOutput {
    let safe = 0;
    let isAtLineStart: boolean | null = null;
    for (let at = from; at < input.length; at++) {
      const byte = input[at] ?? 0;
      if (state === 'text') {
        isAtLineStart = readText(byte) ?? isAtLineStart;
        steersTerminal ||= byte === ESC || byte === SHIFT_OUT;
      }
      state = nextState(state, byte);
      if (state === 'text') safe = at + 1;
    }
    if (state === 'text') safe = input.length - countBegunCharacter(input);
    if (input.length - safe > MAX_HELD_BYTES) safe = input.length;
    return { bytes: input.subarray(0, safe), isAtLineStart };
  }

  /** Bulk without sequences: only its last line matters. */
  function scanPlain(input: Uint8Array): ScannedOutput {
    const lastLine = input.subarray(input.lastIndexOf(NEWLINE) + 1);
    const { isAtLineStart } = scan(lastLine, 0);
    const hasNewline = lastLine.length < input.length;
    return {
      bytes: input.subarray(0, input.length - countBegunCharacter(input)),
      isAtLineStart: isAtLineStart ?? (hasNewline ? true : null),
    };
  }

  return {
    take(bytes) {
      const input = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const isPlain = state === 'text' && !input.includes(ESC) && !input.includes(SHIFT_OUT);
      const scanned = isPlain ? scanPlain(input) : scan(input, held.length);
      held = input.slice(scanned.bytes.length);
      return scanned;
    },
    flush() {
      const rest = held;
      held = new Uint8Array(0);
      state = 'text';
      return rest;
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

function nextState(state: State, byte: number): State {
  switch (state) {
    case 'text':
      return byte === ESC ? 'escape' : 'text';
    case 'escape':
      if (byte === 0x5b) return 'csi';
      if (isStringStart(byte)) return 'string';
      return byte >= 0x20 && byte <= 0x2f ? 'escape' : 'text';
    case 'csi':
      return byte >= 0x40 && byte <= 0x7e ? 'text' : 'csi';
    case 'string':
      if (byte === BEL) return 'text';
      return byte === ESC ? 'string-escape' : 'string';
    case 'string-escape':
      return byte === 0x5c ? 'text' : 'string';
    default:
      return state satisfies never;
  }
}

/** OSC, DCS, SOS, PM, APC. */
function isStringStart(byte: number): boolean {
  return byte === 0x5d || byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f;
}

/** Bytes at the end that begin a character of UTF-8 which is not whole. */
function countBegunCharacter(bytes: Uint8Array): number {
  for (let count = 1; count <= Math.min(3, bytes.length); count++) {
    const byte = bytes[bytes.length - count] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return count < lengthOfCharacter(byte) ? count : 0;
  }
  return 0;
}

function lengthOfCharacter(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

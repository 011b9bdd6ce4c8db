import { createControlParser, findControl } from '../../protocol/control-parser.ts';
import { MAX_HELD_SEQUENCE_BYTES } from '../limits.ts';

/**
 * Splits the output of a program for the terminals of its clients. What comes out always ends between two control functions, so
 * that a client can join there, and holds no question to a terminal: the session's own screen answers those, once.
 */
export interface WholeSequences {
  /** Returns what can be shown now. The beginning of a sequence or of a character waits for its end. */
  take(bytes: Uint8Array): Uint8Array;
}

const IGNORE = {
  handleShift: () => undefined,
  handleEscape: () => undefined,
  handleControl: () => undefined,
  handleCommand: () => undefined,
};
/** At the end of a chunk the rest of a character may be missing. */
const LONGEST_CHARACTER_BYTES = 4;
/** A question is recognized by its first and its last characters. */
const LOOKED_AT_BYTES = 64;

const ESC = 0x1b;
const BRACKET = 0x5b;
const USUAL_FINALS: readonly number[] = [...Buffer.from('mHKJABCDGdhl')];

const CSI = String.raw`(?:\x1b\[|\xc2\x9b)`;
/** Questions that a terminal answers on its own: xterm's ctlseqs, and the keyboard protocol of kitty. */
const QUESTIONS: readonly RegExp[] = [
  // DA, DSR, DECRQM, XTVERSION, keyboard flags, sizes and titles, DECREQTPARM, XTSMGRAPHICS, DECRQPSR, DECRQCRA
  String.raw`${CSI}(?:[>=]?[\d;]*c|\??[\d;]*n|\??[\d;]*\$p|>[\d;]*q|\?u|(?:1[1-9]|2[01])[\d;]*t|[01]?x|\?[\d;]*S|\d*\$[wu]|[\d;]*\*y)$`,
  // DECID
  String.raw`^\x1bZ$`,
  // DECRQSS, XTGETTCAP
  String.raw`^(?:\x1bP|\xc2\x90)[$+]q`,
  // Colours and the clipboard
  String.raw`^(?:\x1b\]|\xc2\x9d)[^\x07\x1b]*;\?(?:\x07|\x1b|\xc2\x9c)`,
  // Pictures of kitty
  String.raw`^(?:\x1b_|\xc2\x9f)G(?:[^;]*,)?a=q`,
].map((source) => new RegExp(source));

/** Creates a splitter for the output of one program. */
export function createWholeSequences(): WholeSequences {
  const parser = createControlParser(IGNORE);
  /** What has begun in earlier chunks; null: it is longer than what is kept, and is left out. */
  let held: Uint8Array[] | null = [];
  let heldBytes = 0;

  function hold(bytes: Uint8Array): void {
    heldBytes += bytes.length;
    if (heldBytes > MAX_HELD_SEQUENCE_BYTES) held = null;
    // A copy: what it is a part of may be long
    else if (bytes.length > 0) held?.push(bytes.slice());
  }

  /** Takes the sequence that has ended. @returns whether it is shown: it is not too long, and no question */
  function release(end: Uint8Array): { readonly isShown: boolean; readonly begin: readonly Uint8Array[] } {
    const begin = held ?? [];
    const isShown = held !== null && !isQuestion(begin, end);
    held = [];
    heldBytes = 0;
    return { isShown, begin };
  }

  return {
    take(bytes) {
      const shown: Uint8Array[] = [];
      let at = 0;
      /** From here on nothing was given out yet. */
      let from = 0;
      /** Where what has begun begins. */
      let begin = 0;
      while (at < bytes.length) {
        const wasSettled = parser.isSettled;
        if (wasSettled) {
          at = Math.max(at, Math.min(findControl(bytes, at), bytes.length - LONGEST_CHARACTER_BYTES));
          begin = at;
        }
        parser.take(bytes[at++] ?? 0);
        if (wasSettled || !parser.isSettled) continue;
        const sequence = release(bytes.subarray(begin, at));
        if (sequence.isShown) shown.push(...sequence.begin);
        if (sequence.isShown) continue;
        shown.push(bytes.subarray(from, begin));
        from = at;
      }
      const end = parser.isSettled ? bytes.length : begin;
      shown.push(bytes.subarray(from, end));
      if (!parser.isSettled) hold(bytes.subarray(end));
      return joinBytes(shown);
    },
  };
}

function isQuestion(begin: readonly Uint8Array[], end: Uint8Array): boolean {
  if (begin.length === 0 && isUsualControl(end)) return false;
  const text =
    begin.length === 0 ? Buffer.from(end.buffer, end.byteOffset, end.length) : Buffer.concat([...begin, end]);
  const first = text.toString('latin1', 0, LOOKED_AT_BYTES);
  const last = text.toString('latin1', Math.max(0, text.length - LOOKED_AT_BYTES));
  return QUESTIONS.some((question) => question.test(first) || question.test(last));
}

/** Nearly all are of colours or of the cursor. */
function isUsualControl(bytes: Uint8Array): boolean {
  return bytes[0] === ESC && bytes[1] === BRACKET && USUAL_FINALS.includes(bytes.at(-1) ?? 0);
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const filled = parts.filter(({ length }) => length > 0);
  return filled.length === 1 && filled[0] !== undefined ? filled[0] : Buffer.concat(filled);
}

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
  String.raw`^(?:\x1b\]|\xc2\x9d)[^\x07\x1b]*;\?(?:\x07|\x1b\\|\xc2\x9c)$`,
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

  /** @returns the sequence that ends with these bytes; nothing if it is a question, or is left out */
  function release(bytes: Uint8Array): readonly Uint8Array[] {
    const all = held === null ? [] : [...held, bytes];
    const isOneOfOurs = held === null || isQuestion(all);
    held = [];
    heldBytes = 0;
    return isOneOfOurs ? [] : all;
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
        shown.push(bytes.subarray(from, begin), ...release(bytes.subarray(begin, at)));
        from = at;
      }
      if (parser.isSettled) begin = bytes.length;
      shown.push(bytes.subarray(from, begin));
      if (!parser.isSettled) hold(bytes.subarray(begin));
      return joinBytes(shown);
    },
  };
}

function isQuestion(parts: readonly Uint8Array[]): boolean {
  const all = parts.length === 1 ? (parts[0] ?? new Uint8Array(0)) : Buffer.concat(parts);
  const text = Buffer.from(all.buffer, all.byteOffset, all.length);
  const begin = text.toString('latin1', 0, LOOKED_AT_BYTES);
  if (text.length <= LOOKED_AT_BYTES) return QUESTIONS.some((question) => question.test(begin));
  return QUESTIONS.some(
    (question) =>
      question.test(begin) || question.test(text.toString('latin1', text.length - LOOKED_AT_BYTES)),
  );
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const filled = parts.filter(({ length }) => length > 0);
  return filled.length === 1 && filled[0] !== undefined ? filled[0] : Buffer.concat(filled);
}

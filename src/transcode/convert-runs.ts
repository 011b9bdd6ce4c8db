/** Where a conversion stands: in the bytes of an encoding, and in the UTF-8 bytes made of them. */
export interface Cursor {
  readonly input: Buffer;
  /** The input, to be read by words. */
  readonly words: DataView;
  at: number;
  out: Buffer;
  /** The output, to be written by words: up to three bytes beyond the end are overwritten by what follows. */
  output: DataView;
  end: number;
}

/** The high bit of each byte of a word. */
const NOT_ASCII = 0x80808080 | 0;
/** The high bits of the first bytes of two pairs. */
const TWO_LEADS = 0x80008000 | 0;

/**
 * The common case, as long as it lasts: words of ASCII, pairs of the table, and bytes that are a character alone. It
 * stops before anything else and before the last three bytes. The loop is a function of its own, and works on
 * locals, since that is half as fast again.
 */
export function convertRuns(cursor: Cursor, pairs: Int32Array, singles: Int32Array): void {
  const { words, output } = cursor;
  const last = words.byteLength - 4;
  let at = cursor.at;
  let end = cursor.end;
  while (at <= last) {
    const word = words.getInt32(at);
    const first = pairs[(word >>> 16) & 0x7fff] as number;
    if ((word & TWO_LEADS) === TWO_LEADS) {
      const second = pairs[word & 0x7fff] as number;
      if (first !== 0 && second !== 0) {
        output.setInt32(end, first, true);
        end += first >>> 24;
        output.setInt32(end, second, true);
        end += second >>> 24;
        at += 4;
        continue;
      }
    }
    if (word >= 0) {
      output.setInt32(end, word);
      const ascii = Math.clz32(word & NOT_ASCII) >>> 3;
      const run = ascii === 4 ? 4 + copyAscii(words, at + 4, output, end + 4) : ascii;
      at += run;
      end += run;
    } else if (first !== 0) {
      output.setInt32(end, first, true);
      end += first >>> 24;
      at += 2;
    } else {
      const single = singles[word >>> 24] as number;
      if (single === 0) break;
      output.setInt32(end, single, true);
      end += single >>> 24;
      at++;
    }
  }
  cursor.at = at;
  cursor.end = end;
}

/** Copies words of ASCII, eight bytes at a time; how many bytes that were. */
function copyAscii(words: DataView, at: number, output: DataView, end: number): number {
  const last = words.byteLength - at - 8;
  let run = 0;
  while (run <= last) {
    const first = words.getInt32(at + run);
    const second = words.getInt32(at + run + 4);
    if (((first | second) & NOT_ASCII) !== 0) break;
    output.setInt32(end + run, first);
    output.setInt32(end + run + 4, second);
    run += 8;
  }
  return run;
}

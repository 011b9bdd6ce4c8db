import { LINE_START_BYTES } from '../limits.ts';

const NEWLINE = 0x0a;

/** Finds where the line begins that a reader of the latest output begins in: there begins a character, too. */
export interface LineStart {
  /** Takes bytes that are left out, and how many of the stream came before them. */
  skip(bytes: Uint8Array, offset: number): void;
  /** The bytes of that line which were left out, once; nothing where the line is longer than LINE_START_BYTES. */
  take(): Uint8Array;
}

/** Creates the finder of one stream. Nothing is known of its encoding, but that it has newlines, of one byte or one unit. */
export function createLineStart(): LineStart {
  let pieces: Uint8Array[] = [];
  /** Bytes of the stream before the pieces, and behind them. */
  let begin = 0;
  let end = 0;

  return {
    skip(bytes, offset) {
      // Something between was dropped: what is kept does not go on here
      if (offset !== end) {
        pieces = [];
        begin = offset;
      }
      pieces.push(bytes);
      end = offset + bytes.length;
      for (let [first] = pieces; first && end - begin - first.length >= LINE_START_BYTES; [first] = pieces) {
        pieces.shift();
        begin += first.length;
      }
    },
    take() {
      const all = Buffer.concat(pieces);
      const from = findLastLine(all, begin);
      pieces = [];
      begin = end;
      return all.subarray(from);
    },
  };
}

/** Where the last line begins; the end where that is not known. */
function findLastLine(bytes: Buffer, offset: number): number {
  const isWide = bytes.includes(0);
  for (
    let at = bytes.lastIndexOf(NEWLINE);
    at >= 0;
    at = at === 0 ? -1 : bytes.lastIndexOf(NEWLINE, at - 1)
  ) {
    const end = isWide ? findWideEnd(bytes, at, offset + at) : at + 1;
    if (end !== null) return end;
  }
  return offset === 0 ? 0 : bytes.length;
}

/**
 * Where a newline of UTF-16 or UTF-32 ends; null where its byte is part of another character.
 * @param place of that byte in the stream
 */
function findWideEnd(bytes: Buffer, at: number, place: number): number | null {
  const isZero = (from: number, to: number): boolean =>
    from >= 0 && to <= bytes.length && bytes.subarray(from, to).every((byte) => byte === 0);
  if (place % 4 === 0 && isZero(at + 1, at + 4)) return at + 4;
  if (place % 2 === 0 && isZero(at + 1, at + 2)) return at + 2;
  return place % 2 === 1 && isZero(at - 1, at) ? at + 1 : null;
}

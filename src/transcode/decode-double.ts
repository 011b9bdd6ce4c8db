import { isAscii } from 'node:buffer';
import { type ByteDecoder, copyBytes, NO_BYTES, trimBytes } from './byte-decoder.ts';
import { type Cursor, convertRuns } from './convert-runs.ts';
import type { DoubleByteTables } from './double-byte-tables.ts';
import { FIRST_TEXT, RARE_INCOMPLETE, RARE_INVALID } from './rare-characters.ts';
import { asBuffer, packCharacter, REPLACEMENT, viewOf, writeCodePoint } from './utf8.ts';

/** No character is longer than this. */
const MAX_CHARACTER_BYTES = 4;
/** Room for one more character, written as a word. */
const SPARE_BYTES = 16;
const NO_SINGLES = new Int32Array(256);
const PACKED_REPLACEMENT = packCharacter(REPLACEMENT);

/**
 * GBK, GB18030, Big5, Shift_JIS, EUC-KR, EUC-JP: ASCII and pairs by words, the rest one by one. What makes no
 * character is one U+FFFD for its first byte, and the next byte begins anew, as iconv-lite does it.
 */
export function createDoubleByteDecoder(tables: DoubleByteTables): ByteDecoder {
  const { pairs, singles, leads, rare } = tables;
  const hasManySingles = singles.subarray(0x80).filter((packed) => packed !== 0).length > 1;
  /** The singles that `convertRuns` may write, since there is room for them: Shift_JIS's half-width kana. */
  const roomySingles = hasManySingles ? singles : NO_SINGLES;
  let pending = NO_BYTES;
  let replaced = 0;

  /** Decodes `bytes` from `from` on behind what is written already, and keeps what is incomplete. */
  function convert(bytes: Uint8Array, from: number, written: Uint8Array): Uint8Array {
    const input = asBuffer(bytes);
    const room = written.length + roomFor(input.length - from);
    const cursor = createCursor(input, from, Buffer.allocUnsafeSlow(room), written.length);
    cursor.out.set(written);
    convertRuns(cursor, pairs, roomySingles);
    while (cursor.at < input.length && convertOne(cursor)) convertRuns(cursor, pairs, roomySingles);
    pending = cursor.at === input.length ? NO_BYTES : copyBytes(input.subarray(cursor.at));
    return trimBytes(cursor.out.subarray(0, cursor.end));
  }

  /** Two bytes of a pair become at most three, and so does one byte that is a character alone. */
  function roomFor(sizeBytes: number): number {
    return (hasManySingles ? 3 * sizeBytes : sizeBytes + (sizeBytes >>> 1)) + SPARE_BYTES;
  }

  /** Any one character; false where the input ends inside it. */
  function convertOne(cursor: Cursor): boolean {
    const { input, at } = cursor;
    // From here on each byte may become three, so this happens once for an input at most.
    if (cursor.out.length - cursor.end < roomFor(input.length - at)) enlarge(cursor);
    const first = input[at] as number;
    const single = singles[first] as number;
    if (single !== 0) return write(cursor, single, 1);
    if (leads[first] === 0) return replace(cursor);
    if (at + 1 >= input.length) return false;
    const pair = pairs[((first & 0x7f) << 8) | (input[at + 1] as number)] as number;
    if (pair !== 0) return write(cursor, pair, 2);
    const found = rare.find(input, at);
    if (found === RARE_INCOMPLETE) return false;
    if (found === RARE_INVALID) return replace(cursor);
    writeRare(cursor, found >>> 3, found & 7);
    convertRareRun(cursor);
    return true;
  }

  /** Rare characters come in runs, which are not worth a look at everything else in between. */
  function convertRareRun(cursor: Cursor): void {
    const { input } = cursor;
    const last = input.length - MAX_CHARACTER_BYTES;
    while (cursor.at <= last) {
      const first = input[cursor.at] as number;
      if (first < 0x80 || pairs[((first & 0x7f) << 8) | (input[cursor.at + 1] as number)] !== 0) return;
      if (singles[first] !== 0 || leads[first] === 0) return;
      if (cursor.out.length - cursor.end < roomFor(input.length - cursor.at)) return;
      const found = rare.find(input, cursor.at);
      if (found < 0) return;
      writeRare(cursor, found >>> 3, found & 7);
    }
  }

  function replace(cursor: Cursor): true {
    replaced++;
    return write(cursor, PACKED_REPLACEMENT, 1);
  }

  function writeRare(cursor: Cursor, code: number, consumed: number): void {
    const text = code >= FIRST_TEXT ? rare.texts[code - FIRST_TEXT] : undefined;
    if (text) {
      cursor.out.set(text.bytes, cursor.end);
      cursor.end += text.bytes.length;
      replaced += text.replaced;
    } else {
      cursor.end = writeCodePoint(cursor.out, code, cursor.end);
    }
    cursor.at += consumed;
  }

  return {
    write(bytes) {
      if (pending.length === 0) {
        return bytes.length === 0 || isAscii(bytes) ? bytes : convert(bytes, 0, NO_BYTES);
      }
      // The cut character is finished with a few bytes; what is left over of them belongs to the rest.
      const borrowed = Math.min(MAX_CHARACTER_BYTES, bytes.length);
      const head = convert(Buffer.concat([pending, bytes.subarray(0, borrowed)]), 0, NO_BYTES);
      if (borrowed === bytes.length) return head;
      return convert(bytes, borrowed - pending.length, head);
    },
    end() {
      let text: Uint8Array = NO_BYTES;
      while (pending.length > 0) {
        const rest = pending.subarray(1);
        pending = NO_BYTES;
        replaced++;
        text = convert(rest, 0, Buffer.concat([text, Buffer.from(REPLACEMENT)]));
      }
      return text;
    },
    pendingBytes: () => pending.length,
    replaced: () => replaced,
  };
}

function createCursor(input: Buffer, at: number, out: Buffer, end: number): Cursor {
  return { input, words: viewOf(input), at, out, output: viewOf(out), end };
}

/** Makes room for the worst that the rest of the input may become: three bytes of each. */
function enlarge(cursor: Cursor): void {
  const { input, at, out, end } = cursor;
  const larger = Buffer.allocUnsafeSlow(end + 3 * (input.length - at) + SPARE_BYTES);
  out.copy(larger, 0, 0, end);
  cursor.out = larger;
  cursor.output = viewOf(larger);
}

function write(cursor: Cursor, packed: number, consumed: number): true {
  cursor.output.setInt32(cursor.end, packed, true);
  cursor.end += packed >>> 24;
  cursor.at += consumed;
  return true;
}

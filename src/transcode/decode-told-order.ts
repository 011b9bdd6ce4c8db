import { type ByteDecoder, copyBytes, type HoldingDecoder, joinBytes, NO_BYTES } from './byte-decoder.ts';
import { createWideDecoder } from './decode-wide.ts';
import { viewOf } from './utf8.ts';

/** As iconv-lite: so many units tell the byte order where no byte order mark does. */
const TELLING_UNITS = 100;

/** UTF-16 or UTF-32 whose byte order is told by its byte order mark, or failing that by its first characters. */
export function createToldOrderDecoder(kind: 'utf16' | 'utf32'): HoldingDecoder {
  const unitBytes = kind === 'utf16' ? 2 : 4;
  const readOrder = kind === 'utf16' ? readUtf16Order : readUtf32Order;
  let held = NO_BYTES;
  let decoder: ByteDecoder | undefined;

  /** @param isLast otherwise what may still become a byte order mark is held on: time decides nothing of that */
  function settle(isLast: boolean): Uint8Array {
    if (decoder || (!isLast && held.length < unitBytes)) return NO_BYTES;
    decoder = createWideDecoder(kind, readOrder(held));
    const bytes = held;
    held = NO_BYTES;
    return decoder.write(bytes);
  }

  return {
    write(bytes) {
      if (decoder) return decoder.write(bytes);
      held = copyBytes(joinBytes(held, bytes));
      const hasMark = held.length >= unitBytes && findMark(held, unitBytes) !== undefined;
      return hasMark || held.length >= TELLING_UNITS * unitBytes ? settle(false) : NO_BYTES;
    },
    end: () => joinBytes(settle(true), decoder?.end() ?? NO_BYTES),
    settle: () => settle(false),
    heldBytes: () => held.length,
    pendingBytes: () => held.length + (decoder?.pendingBytes() ?? 0),
    replaced: () => decoder?.replaced() ?? 0,
  };
}

/** What the byte order mark says, if there is one. */
function findMark(bytes: Uint8Array, unitBytes: number): 'little' | 'big' | undefined {
  if (bytes.length < unitBytes) return undefined;
  const readUnit = (littleEndian: boolean): number =>
    unitBytes === 2 ? viewOf(bytes).getUint16(0, littleEndian) : viewOf(bytes).getUint32(0, littleEndian);
  if (readUnit(true) === 0xfeff) return 'little';
  return readUnit(false) === 0xfeff ? 'big' : undefined;
}

/** Text has many characters of Latin-1, hence more zeros in the high byte than in the low one. */
function readUtf16Order(bytes: Uint8Array): 'little' | 'big' {
  const mark = findMark(bytes, 2);
  if (mark) return mark;
  let balance = 0;
  for (let at = 0; at + 2 <= bytes.length && at < 2 * TELLING_UNITS; at += 2) {
    if (bytes[at] === 0 && bytes[at + 1] !== 0) balance++;
    if (bytes[at] !== 0 && bytes[at + 1] === 0) balance--;
  }
  return balance > 0 ? 'big' : 'little';
}

/** Text has many characters of the Basic Multilingual Plane, and none beyond U+10FFFF. */
function readUtf32Order(bytes: Uint8Array): 'little' | 'big' {
  const mark = findMark(bytes, 4);
  if (mark) return mark;
  const view = viewOf(bytes);
  let balance = 0;
  for (let at = 0; at + 4 <= bytes.length && at < 4 * TELLING_UNITS; at += 4) {
    balance += rateUtf32(view.getUint32(at)) - rateUtf32(view.getUint32(at, true));
  }
  return balance > 0 ? 'big' : 'little';
}

function rateUtf32(code: number): number {
  if (code > 0x10ffff) return -1;
  return code > 0 && code <= 0xffff ? 1 : 0;
}

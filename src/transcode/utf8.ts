import { isUtf8 } from 'node:buffer';
import { utf8Length } from '../protocol/utf8-tail.ts';

export const REPLACEMENT = '\u{FFFD}';
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

/** The bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Where the first byte stands that is not UTF-8; null: all are. A character whose rest is missing is none. */
export function findInvalid(bytes: Uint8Array): number | null {
  if (isUtf8(bytes)) return null;
  let at = 0;
  for (;;) {
    const length = utf8Length(bytes[at] ?? 0);
    if (at + length > bytes.length || !isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
}

/** How often U+FFFD stands in a text. */
export function countReplacements(text: string): number {
  let count = 0;
  for (let at = text.indexOf(REPLACEMENT); at !== -1; at = text.indexOf(REPLACEMENT, at + 1)) count++;
  return count;
}

/** How often U+FFFD is really written in UTF-8 bytes. */
export function countWrittenReplacements(bytes: Uint8Array): number {
  const buffer = asBuffer(bytes);
  let count = 0;
  for (
    let at = buffer.indexOf(REPLACEMENT_BYTES);
    at !== -1;
    at = buffer.indexOf(REPLACEMENT_BYTES, at + REPLACEMENT_BYTES.length)
  ) {
    count++;
  }
  return count;
}

/**
 * A UTF-8 form packed in a number, as the tables hold it: the bytes from the lowest up, their count (1 to 3) in the
 * bits from 24. Zero is no character.
 */
export function packCharacter(character: string): number {
  const bytes = Buffer.from(character);
  let packed = bytes.length << 24;
  for (const [at, byte] of bytes.entries()) packed |= byte << (8 * at);
  return packed;
}

/** Writes a code point that needs two bytes or more; where it ends. */
export function writeCodePoint(out: Uint8Array, code: number, at: number): number {
  if (code >= 0x10000) {
    out[at] = 0xf0 | (code >>> 18);
    out[at + 1] = 0x80 | ((code >>> 12) & 0x3f);
    out[at + 2] = 0x80 | ((code >>> 6) & 0x3f);
    out[at + 3] = 0x80 | (code & 0x3f);
    return at + 4;
  }
  if (code >= 0x800) {
    out[at] = 0xe0 | (code >>> 12);
    out[at + 1] = 0x80 | ((code >>> 6) & 0x3f);
    out[at + 2] = 0x80 | (code & 0x3f);
    return at + 3;
  }
  out[at] = 0xc0 | (code >>> 6);
  out[at + 1] = 0x80 | (code & 0x3f);
  return at + 2;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

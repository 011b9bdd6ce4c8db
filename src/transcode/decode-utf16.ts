import { type ByteDecoder, copyBytes, joinBytes, NO_BYTES } from './byte-decoder.ts';
import { asBuffer, countReplacements, REPLACEMENT } from './utf8.ts';

/**
 * UTF-16. A surrogate without its other half becomes U+FFFD, and so does half a code unit at the end (which
 * iconv-lite drops).
 */
export function createUtf16Decoder(byteOrder: 'little' | 'big'): ByteDecoder {
  let pending = NO_BYTES;
  let replaced = 0;

  function toUtf8(units: Uint8Array): Uint8Array {
    const text = (byteOrder === 'big' ? Buffer.from(units).swap16() : asBuffer(units)).toString('utf16le');
    if (text.isWellFormed()) return Buffer.from(text);
    const wellFormed = text.toWellFormed();
    replaced += countReplacements(wellFormed) - countReplacements(text);
    return Buffer.from(wellFormed);
  }

  /** Where the last character that is whole ends. */
  function findEnd(bytes: Uint8Array): number {
    const even = bytes.length & ~1;
    const highByte = bytes[byteOrder === 'big' ? even - 2 : even - 1] ?? 0;
    return (highByte & 0xfc) === 0xd8 ? even - 2 : even;
  }

  return {
    write(bytes) {
      const all = joinBytes(pending, bytes);
      const end = findEnd(all);
      pending = end === all.length ? NO_BYTES : copyBytes(all.subarray(end));
      return toUtf8(all.subarray(0, end));
    },
    end() {
      const rest = pending;
      pending = NO_BYTES;
      const units = toUtf8(rest.subarray(0, rest.length & ~1));
      if (rest.length % 2 === 0) return units;
      replaced++;
      return joinBytes(units, Buffer.from(REPLACEMENT));
    },
    pendingBytes: () => pending.length,
    replaced: () => replaced,
  };
}

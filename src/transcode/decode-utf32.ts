import { type ByteDecoder, copyBytes, joinBytes, NO_BYTES } from './byte-decoder.ts';
import { createUtf16Decoder } from './decode-utf16.ts';
import { REPLACEMENT, viewOf } from './utf8.ts';

/** UTF-32, by way of UTF-16: as with iconv-lite, two surrogates after each other are one character. */
export function createUtf32Decoder(byteOrder: 'little' | 'big'): ByteDecoder {
  const utf16 = createUtf16Decoder('little');
  let pending = NO_BYTES;
  let tooLarge = 0;

  function toUtf16(bytes: Uint8Array): Uint8Array {
    const input = viewOf(bytes);
    const units = Buffer.allocUnsafe(bytes.length);
    let size = 0;
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      let code = input.getUint32(at, byteOrder === 'little');
      if (code > 0x10ffff) {
        code = 0xfffd;
        tooLarge++;
      }
      if (code >= 0x10000) {
        size = units.writeUInt16LE(0xd800 | ((code - 0x10000) >> 10), size);
        code = 0xdc00 | (code & 0x3ff);
      }
      size = units.writeUInt16LE(code, size);
    }
    return units.subarray(0, size);
  }

  return {
    write(bytes) {
      const all = joinBytes(pending, bytes);
      const whole = all.length & ~3;
      pending = whole === all.length ? NO_BYTES : copyBytes(all.subarray(whole));
      return utf16.write(toUtf16(all.subarray(0, whole)));
    },
    end() {
      const last = utf16.end();
      if (pending.length === 0) return last;
      pending = NO_BYTES;
      tooLarge++;
      return joinBytes(last, Buffer.from(REPLACEMENT));
    },
    pendingBytes: () => pending.length + utf16.pendingBytes(),
    replaced: () => tooLarge + utf16.replaced(),
  };
}

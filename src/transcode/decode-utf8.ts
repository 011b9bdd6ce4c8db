import { isUtf8 } from 'node:buffer';
import { countIncompleteTail } from '../protocol/utf8-tail.ts';
import { type ByteDecoder, copyBytes, joinBytes, NO_BYTES } from './byte-decoder.ts';
import { asBuffer, countReplacements, countWrittenReplacements } from './utf8.ts';

/** UTF-8 that is checked: valid bytes pass as they are, each ill-formed part becomes one U+FFFD, as WHATWG has it. */
export function createUtf8Decoder(): ByteDecoder {
  let pending = NO_BYTES;
  let replaced = 0;

  function sanitize(bytes: Uint8Array): Uint8Array {
    if (isUtf8(bytes)) return bytes;
    const text = asBuffer(bytes).toString();
    replaced += countReplacements(text) - countWrittenReplacements(bytes);
    return Buffer.from(text);
  }

  return {
    write(bytes) {
      const all = joinBytes(pending, bytes);
      const whole = all.length - countIncompleteTail(all);
      pending = NO_BYTES;
      if (whole === all.length) return sanitize(all);
      pending = copyBytes(all.subarray(whole));
      return sanitize(all.subarray(0, whole));
    },
    end() {
      const rest = pending;
      pending = NO_BYTES;
      return sanitize(rest);
    },
    pendingBytes: () => pending.length,
    replaced: () => replaced,
  };
}

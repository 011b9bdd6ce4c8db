import { isAscii } from 'node:buffer';
import { type ByteDecoder, NO_BYTES, trimBytes } from './byte-decoder.ts';
import type { SingleByteTable } from './single-byte-table.ts';
import { asBuffer, viewOf } from './utf8.ts';

/** Set in each of the four bytes of a word that is not ASCII. */
const NOT_ASCII = 0x80808080 | 0;
/** A word of packed output may be written up to three bytes beyond the end. */
const SPARE_BYTES = 8;

/** A single-byte code page, by its table. */
export function createSingleByteDecoder(table: SingleByteTable): ByteDecoder {
  const keepsAscii = table.subarray(0, 128).every((entry, byte) => entry === ((1 << 24) | byte));
  let replaced = 0;

  function convert(bytes: Uint8Array): Uint8Array {
    const input = asBuffer(bytes);
    const words = viewOf(input);
    const out = Buffer.allocUnsafeSlow(3 * input.length + SPARE_BYTES);
    const output = viewOf(out);
    let unmapped = 0;
    let at = 0;
    let end = 0;
    for (; at + 4 <= input.length; at += 4) {
      const word = words.getInt32(at);
      if (keepsAscii && (word & NOT_ASCII) === 0) {
        output.setInt32(end, word);
        end += 4;
        continue;
      }
      const first = table[word >>> 24] as number;
      output.setInt32(end, first, true);
      end += (first >>> 24) & 3;
      const second = table[(word >>> 16) & 0xff] as number;
      output.setInt32(end, second, true);
      end += (second >>> 24) & 3;
      const third = table[(word >>> 8) & 0xff] as number;
      output.setInt32(end, third, true);
      end += (third >>> 24) & 3;
      const fourth = table[word & 0xff] as number;
      output.setInt32(end, fourth, true);
      end += (fourth >>> 24) & 3;
      unmapped += (first >>> 27) + (second >>> 27) + (third >>> 27) + (fourth >>> 27);
    }
    for (; at < input.length; at++) {
      const entry = table[input[at] as number] as number;
      output.setInt32(end, entry, true);
      end += (entry >>> 24) & 3;
      unmapped += entry >>> 27;
    }
    replaced += unmapped;
    return out.subarray(0, end);
  }

  return {
    write(bytes) {
      if (bytes.length === 0 || (keepsAscii && isAscii(bytes))) return bytes;
      return trimBytes(convert(bytes));
    },
    end: () => NO_BYTES,
    pendingBytes: () => 0,
    replaced: () => replaced,
  };
}

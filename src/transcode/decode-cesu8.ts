import type { ByteDecoder } from './byte-decoder.ts';
import type { IconvEncoding } from './iconv.ts';
import { createTextWriter } from './text-writer.ts';
import { asBuffer } from './utf8.ts';

/** CESU-8, which Java and databases write, through iconv-lite's own streaming decoder. */
export function createCesu8Decoder({ iconv, codec }: IconvEncoding): ByteDecoder {
  const decoder = iconv.getDecoder(codec, { stripBOM: false });
  const writer = createTextWriter();
  let lastByte = 0;
  return {
    write(bytes) {
      lastByte = bytes[bytes.length - 1] ?? lastByte;
      return writer.write(decoder.write(asBuffer(bytes)));
    },
    end() {
      lastByte = 0;
      // iconv-lite adds U+FFFD to the number 0 when the end is incomplete, and gives 0 when it is not.
      const rest = decoder.end();
      return writer.end(typeof rest === 'string' ? rest.slice(1) : '');
    },
    // Not known: after any byte beyond ASCII one may be.
    pendingBytes: () => (lastByte < 0x80 ? 0 : 1),
    replaced: writer.replaced,
  };
}

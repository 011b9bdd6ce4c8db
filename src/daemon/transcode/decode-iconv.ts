import { type ByteDecoder, NO_BYTES } from './byte-decoder.ts';
import type { IconvEncoding } from './encoding.ts';
import { asBuffer, countReplacements } from './utf8.ts';

/**
 * What has no table (CESU-8, UTF-7), through iconv-lite's own streaming decoder. A U+FFFD that was written in the
 * input can't be told from one that iconv-lite made, and is counted.
 */
export function createIconvDecoder(encoding: IconvEncoding): ByteDecoder {
  const decoder = encoding.iconv.getDecoder(encoding.codec, { stripBOM: false });
  let held = '';
  let isPending = false;
  let replaced = 0;

  function toUtf8(text: string): Uint8Array {
    if (text === '') return NO_BYTES;
    const wellFormed = text.toWellFormed();
    replaced += countReplacements(wellFormed);
    return Buffer.from(wellFormed);
  }

  /** iconv-lite's CESU-8 adds U+FFFD to the number 0 when its end is incomplete. */
  function tidyEnd(rest: string): string {
    return encoding.codec === 'cesu8' && rest.startsWith('0') ? rest.slice(1) : rest;
  }

  return {
    write(bytes) {
      if (bytes.length > 0) isPending = (bytes[bytes.length - 1] as number) >= 0x80;
      const text = held + decoder.write(asBuffer(bytes));
      const last = text.charCodeAt(text.length - 1);
      held = last >= 0xd800 && last < 0xdc00 ? text.slice(-1) : '';
      return toUtf8(text.slice(0, text.length - held.length));
    },
    end() {
      const rest = decoder.end();
      const text = held + (typeof rest === 'string' ? tidyEnd(rest) : '');
      held = '';
      isPending = false;
      return toUtf8(text);
    },
    pendingBytes: () => (isPending || held !== '' ? 1 : 0),
    replaced: () => replaced,
  };
}

import { NO_BYTES } from './byte-decoder.ts';
import { countReplacements } from './utf8.ts';

/** Text in pieces to UTF-8, for decoders that have no table. */
export interface TextWriter {
  /** The UTF-8 of a piece. A first half of a surrogate pair at its end waits for the other one. */
  write(text: string): Uint8Array;
  end(text: string): Uint8Array;
  /** U+FFFD written so far. One that stood in the input can't be told from one that was made, and is counted. */
  replaced(): number;
}

export function createTextWriter(): TextWriter {
  let lead = '';
  let replaced = 0;

  function toUtf8(text: string): Uint8Array {
    if (text === '') return NO_BYTES;
    const wellFormed = text.toWellFormed();
    replaced += countReplacements(wellFormed);
    return Buffer.from(wellFormed);
  }

  return {
    write(text) {
      const all = lead + text;
      lead = /[\uD800-\uDBFF]$/.exec(all)?.[0] ?? '';
      return toUtf8(all.slice(0, all.length - lead.length));
    },
    end(text) {
      const all = lead + text;
      lead = '';
      return toUtf8(all);
    },
    replaced: () => replaced,
  };
}

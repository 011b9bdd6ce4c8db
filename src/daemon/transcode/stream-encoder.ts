import { copyBytes, joinBytes, NO_BYTES } from './byte-decoder.ts';
import { type EncodingChoice, inputEncoding } from './choose-encoding.ts';
import type { Encoding, IconvEncoding } from './encoding.ts';
import {
  asBuffer,
  countIncompleteTail,
  countReplacements,
  countWrittenReplacements,
  REPLACEMENT,
} from './utf8.ts';

/** UTF-8 on its way into a command's stdin, in the run's encoding. */
export interface StreamEncoder {
  write(bytes: Uint8Array): Uint8Array;
  /** What an incomplete character at the end becomes. */
  end(): Uint8Array;
  /** Characters that the encoding lacks, and bytes that are not UTF-8: each was written as `?` (or U+FFFD). */
  replaced(): number;
}

/** Stands for what an encoding lacks. No encoding that lacks anything has its byte inside another character. */
const SUBSTITUTE = '?';
/** Single-byte encodings have none of these, but iconv-lite writes `??` for a pair of surrogates, and any byte for U+FFFD. */
const ODD_IN_SINGLE = /[\u{10000}-\u{10FFFF}\u{FFFD}]/gu;
/** Big5-HKSCS alone has codes for two characters together: these and U+0304 or U+030C. */
const SEQUENCE_START = /[\u00CA\u00EA]$/;

/**
 * An encoder for one stream. UTF-8 and `binary` pass every byte. UTF-16 and UTF-32 without a byte order in their
 * name begin with a byte order mark.
 */
export function createStreamEncoder(choice: EncodingChoice): StreamEncoder {
  const encoding = inputEncoding(choice);
  if (encoding.kind === 'binary' || encoding.kind === 'utf8') {
    return { write: (bytes) => bytes, end: () => NO_BYTES, replaced: () => 0 };
  }
  return createTextEncoder(encoding.kind, encoding);
}

function createTextEncoder(kind: Encoding['kind'], encoding: IconvEncoding): StreamEncoder {
  const encode = kind === 'single' || kind === 'double' ? substituting(kind, encoding) : allMapping(encoding);
  let pending = NO_BYTES;
  let replaced = 0;

  function encodeBytes(bytes: Uint8Array, isLast: boolean): Uint8Array {
    const text = asBuffer(bytes).toString();
    const invalid = countReplacements(text) - countWrittenReplacements(bytes);
    const result = encode(text, invalid, isLast);
    replaced += result.replaced;
    return result.bytes;
  }

  return {
    write(bytes) {
      const all = joinBytes(pending, bytes);
      const whole = all.length - countIncompleteTail(all);
      pending = whole === all.length ? NO_BYTES : copyBytes(all.subarray(whole));
      return encodeBytes(all.subarray(0, whole), false);
    },
    end() {
      const rest = pending;
      pending = NO_BYTES;
      return encodeBytes(rest, true);
    },
    replaced: () => replaced,
  };
}

/** @param invalid how many U+FFFD of the text stand for bytes that were not UTF-8 */
type EncodeText = (
  text: string,
  invalid: number,
  isLast: boolean,
) => { readonly bytes: Uint8Array; readonly replaced: number };

/** UTF-16, UTF-32 and the like: only what was not UTF-8 has to be replaced. */
function allMapping({ iconv, codec }: IconvEncoding): EncodeText {
  const encoder = iconv.getEncoder(codec);
  return (text, invalid, isLast) => {
    const bytes = text === '' ? NO_BYTES : encoder.write(text);
    return { bytes: joinBytes(bytes, (isLast && encoder.end()) || NO_BYTES), replaced: invalid };
  };
}

/**
 * Code pages: iconv-lite writes `?` for what they lack, and those are counted. Each piece is encoded on its own, since
 * iconv-lite's streaming encoder loses a byte where a piece ends inside a sequence.
 */
function substituting(kind: 'single' | 'double', { iconv, codec }: IconvEncoding): EncodeText {
  const hasReplacement =
    kind === 'double' && iconv.decode(iconv.encode(REPLACEMENT, codec), codec) === REPLACEMENT;
  let held = '';
  return (text, invalid, isLast) => {
    const all = held + text;
    held = !isLast && codec === 'big5hkscs' && SEQUENCE_START.test(all) ? all.slice(-1) : '';
    const ready = all.slice(0, all.length - held.length);
    const bytes = iconv.encode(
      kind === 'single' ? ready.replaceAll(ODD_IN_SINGLE, SUBSTITUTE) : ready,
      codec,
    );
    const substitutes = countByte(bytes, SUBSTITUTE.charCodeAt(0)) - (ready.split(SUBSTITUTE).length - 1);
    return { bytes, replaced: substitutes + (hasReplacement ? invalid : 0) };
  };
}

function countByte(bytes: Uint8Array, byte: number): number {
  let count = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) count++;
  return count;
}

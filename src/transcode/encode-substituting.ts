import type { EncodedInput } from '../process/conduct/filters.ts';
import { joinBytes, NO_BYTES } from './byte-decoder.ts';
import { toEncodable } from './encodable.ts';
import { isExact, type TextEncoding } from './encode-text.ts';
import type { IconvEncoding } from './iconv.ts';
import { createTextPieces } from './text-pieces.ts';
import { asBuffer, countReplacements, countWrittenReplacements, REPLACEMENT } from './utf8.ts';

export interface SubstitutingEncoder {
  write(bytes: Uint8Array): EncodedInput;
  end(): EncodedInput;
  /** How many substitutes were written. */
  replaced(): number;
}

/** Stands for what an encoding lacks. No encoding that lacks anything has its byte inside another character. */
const SUBSTITUTE = '?';
/** Single-byte encodings have none of these, but iconv-lite writes `??` for a pair of surrogates, and any byte for U+FFFD. */
const ODD_IN_SINGLE = /[\u{10000}-\u{10FFFF}\u{FFFD}]/gu;

/**
 * Creates an encoder that writes a substitute for each character that the encoding lacks, and each byte that is not
 * UTF-8, and counts them: for those who asked for it.
 */
export function createSubstitutingEncoder(encoding: TextEncoding): SubstitutingEncoder {
  const { kind } = encoding;
  const encode = kind === 'single' || kind === 'double' ? substituting(kind, encoding) : allMapping(encoding);
  const pieces = createTextPieces(encoding.codec);
  let replaced = 0;

  function encodeBytes(bytes: Uint8Array, isLast: boolean): EncodedInput {
    const text = asBuffer(bytes).toString();
    const invalid = countReplacements(text) - countWrittenReplacements(bytes);
    const result = encode(text, invalid, isLast);
    replaced += result.replaced;
    return { bytes: result.bytes, refused: null };
  }

  return {
    write: (bytes) => encodeBytes(pieces.add(bytes), false),
    end: () => encodeBytes(pieces.end(), true),
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
function substituting(kind: 'single' | 'double', encoding: TextEncoding): EncodeText {
  const { iconv, codec } = encoding;
  const hasReplacement =
    kind === 'double' && iconv.decode(iconv.encode(REPLACEMENT, codec), codec) === REPLACEMENT;
  return (text, invalid) => {
    const ready = isExact(text, encoding) ? text : toEncodable(text, (part) => isExact(part, encoding));
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

import type { EncodedInput, InputFilter } from '../../process/conduct/filters.ts';
import { RexaError } from '../../protocol/errors.ts';
import { copyBytes, joinBytes, NO_BYTES } from './byte-decoder.ts';
import { describeCharacter, encodeExactly, findUnmappable, type TextEncoding } from './encode-text.ts';
import { asBuffer, countIncompleteTail, findInvalid } from './utf8.ts';

/** Big5-HKSCS alone has codes for two characters together: these and U+0304 or U+030C. */
const SEQUENCE_START = /[\u00CA\u00EA]$/;

/**
 * Creates the encoder of a stream that programs write. It refuses the first piece that has a character which the encoding
 * lacks, or bytes that are not UTF-8; nothing of that piece, and of all behind it, is encoded.
 */
export function createStrictEncoder(encoding: TextEncoding): InputFilter {
  const encode = chooseEncode(encoding);
  let pending = NO_BYTES;
  /** Of the first byte that was not encoded, in the client's stream. */
  let offset = 0;
  let refused: RexaError | null = null;

  function encodePiece(bytes: Uint8Array, isLast: boolean): EncodedInput {
    refused ??= findTrouble(bytes, encoding, offset);
    if (refused !== null) return { bytes: NO_BYTES, refused };
    offset += bytes.length;
    return { bytes: encode(asBuffer(bytes).toString(), isLast), refused: null };
  }

  return {
    write(bytes) {
      const all = joinBytes(pending, bytes);
      const whole = all.length - countIncompleteTail(all);
      pending = whole === all.length ? NO_BYTES : copyBytes(all.subarray(whole));
      return encodePiece(all.subarray(0, whole), false);
    },
    end: () => encodePiece(pending, true),
  };
}

/** What of a piece can't be encoded; null: all of it can be. */
function findTrouble(bytes: Uint8Array, encoding: TextEncoding, offset: number): RexaError | null {
  const invalidAt = findInvalid(bytes);
  const valid = asBuffer(bytes).toString('utf8', 0, invalidAt ?? bytes.length);
  if (encodeExactly(valid, encoding) === null) {
    const { character, index } = findUnmappable(valid, encoding);
    const at = offset + Buffer.byteLength(valid.slice(0, index));
    return new RexaError('STDIN_UNMAPPABLE', [describeCharacter(character), at, encoding.name]);
  }
  if (invalidAt === null) return null;
  const byte = (bytes[invalidAt] ?? 0).toString(16).toUpperCase().padStart(2, '0');
  return new RexaError('STDIN_UNMAPPABLE', [
    `the byte ${byte}, which is not UTF-8,`,
    offset + invalidAt,
    encoding.name,
  ]);
}

/** The text is known to be in the encoding. */
type Encode = (text: string, isLast: boolean) => Uint8Array;

/**
 * Each piece of a code page is encoded on its own, since iconv-lite's streaming encoder loses a byte where a piece ends
 * inside a sequence. The wide encodings need that encoder for their byte order mark.
 */
function chooseEncode({ kind, iconv, codec }: TextEncoding): Encode {
  if (kind === 'single' || kind === 'double') {
    let held = '';
    return (text, isLast) => {
      const all = held + text;
      held = !isLast && codec === 'big5hkscs' && SEQUENCE_START.test(all) ? all.slice(-1) : '';
      return iconv.encode(all.slice(0, all.length - held.length), codec);
    };
  }
  const encoder = iconv.getEncoder(codec);
  return (text, isLast) =>
    joinBytes(text === '' ? NO_BYTES : encoder.write(text), (isLast && encoder.end()) || NO_BYTES);
}

import type { EncodedInput, InputFilter } from '../process/conduct/filters.ts';
import { RexaError } from '../protocol/errors.ts';
import { joinBytes, NO_BYTES } from './byte-decoder.ts';
import { describeCharacter, findForm, findUnmappable, type TextEncoding } from './encode-text.ts';
import { createTextPieces } from './text-pieces.ts';
import { asBuffer, findInvalid } from './utf8.ts';

/**
 * Creates the encoder of a stream that programs write. It refuses the first piece that has a character which the encoding
 * lacks, or bytes that are not UTF-8; nothing of that piece, and of all behind it, is encoded.
 */
export function createStrictEncoder(encoding: TextEncoding): InputFilter {
  const encode = chooseEncode(encoding);
  const pieces = createTextPieces(encoding.codec);
  /** Of the first byte that was not encoded, in the client's stream. */
  let offset = 0;
  let refused: RexaError | null = null;

  function encodePiece(bytes: Uint8Array, isLast: boolean): EncodedInput {
    const text = asBuffer(bytes).toString();
    const form = findInvalid(bytes) === null ? findForm(text, encoding) : null;
    if (form === null || refused !== null) {
      refused ??= describeTrouble(bytes, encoding, offset);
      return { bytes: NO_BYTES, refused };
    }
    offset += bytes.length;
    return { bytes: encode(form, isLast), refused: null };
  }

  return {
    write: (bytes) => encodePiece(pieces.add(bytes), false),
    end: () => encodePiece(pieces.end(), true),
  };
}

/** What of a piece can't be encoded. */
function describeTrouble(bytes: Uint8Array, encoding: TextEncoding, offset: number): RexaError {
  const invalidAt = findInvalid(bytes);
  const valid = asBuffer(bytes).toString('utf8', 0, invalidAt ?? bytes.length);
  if (invalidAt === null || findForm(valid, encoding) === null) {
    const { character, index } = findUnmappable(valid, encoding);
    const at = offset + Buffer.byteLength(valid.slice(0, index));
    return new RexaError('STDIN_UNMAPPABLE', [describeCharacter(character), at, encoding.name]);
  }
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
 * inside a sequence. The others need that encoder, for their byte order mark and for the state that they keep.
 */
function chooseEncode({ kind, iconv, codec }: TextEncoding): Encode {
  if (kind === 'single' || kind === 'double') return (text) => iconv.encode(text, codec);
  const encoder = iconv.getEncoder(codec);
  return (text, isLast) =>
    joinBytes(text === '' ? NO_BYTES : encoder.write(text), (isLast && encoder.end()) || NO_BYTES);
}

import { RexaError } from '../protocol/errors.ts';
import { toEncodable } from './encodable.ts';
import type { Encoding } from './encoding.ts';
import type { IconvEncoding } from './iconv.ts';
import { REPLACEMENT } from './utf8.ts';

/** An encoding that text has to be converted for. */
export type TextEncoding = Extract<Encoding, IconvEncoding>;

/**
 * A text in an encoding, exactly: what does not come back as it was is refused, so nothing stands as `?`.
 * Under `binary` it is UTF-8.
 *
 * @param what the text's part in the request, for the error: `argument 2`
 * @throws RexaError UNMAPPABLE, which shows the first character that the encoding lacks
 */
export function encodeText(text: string, encoding: Encoding, what: string): Uint8Array {
  if (encoding.kind === 'binary' || encoding.kind === 'utf8') {
    if (text.isWellFormed()) return Buffer.from(text);
    throw refuse(findLoneSurrogate(text), 'utf8', what);
  }
  const bytes = encodeExactly(text, encoding);
  if (bytes !== null) return bytes;
  throw refuse(findUnmappable(text, encoding).character, encoding.name, what);
}

/** Returns the bytes of a text, without a byte order mark, in the form that `findForm` finds; null when there is none. */
export function encodeExactly(text: string, encoding: TextEncoding): Uint8Array | null {
  const form = findForm(text, encoding);
  return form === null ? null : encoding.iconv.encode(form, encoding.codec, { addBOM: false });
}

/**
 * Returns a text in the form that an encoding has: as it is, or with the characters that it lacks composed, or as other tables
 * of the charset have them (`toEncodable`).
 * @returns null when the encoding lacks one of its characters in every form
 */
export function findForm(text: string, encoding: TextEncoding): string | null {
  if (isExact(text, encoding)) return text;
  if (!text.isWellFormed()) return null;
  const form = toEncodable(text, (part) => isExact(part, encoding));
  return isExact(form, encoding) ? form : null;
}

/** Whether a text comes back from an encoding as it was. iconv-lite writes bytes without a meaning as U+FFFD. */
export function isExact(text: string, { iconv, codec, kind }: TextEncoding): boolean {
  if (!text.isWellFormed() || (kind === 'single' && text.includes(REPLACEMENT))) return false;
  const bytes = iconv.encode(text, codec, { addBOM: false });
  return iconv.decode(bytes, codec, { stripBOM: false }) === text;
}

/** The first character of a text that an encoding lacks, and where it stands, in UTF-16 units. */
export function findUnmappable(
  text: string,
  encoding: TextEncoding,
): { readonly character: string; readonly index: number } {
  let index = 0;
  for (const character of text) {
    if (findForm(character, encoding) === null) return { character, index };
    index += character.length;
  }
  return { character: text, index: 0 };
}

/** A character as errors show it: `😀 (U+1F600)`. */
export function describeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const shown = character.isWellFormed() ? `${character} ` : '';
  return `${shown}(U+${code.toString(16).toUpperCase().padStart(4, '0')})`;
}

function findLoneSurrogate(text: string): string {
  return [...text].find((character) => !character.isWellFormed()) ?? text;
}

function refuse(character: string, name: string, what: string): RexaError {
  return new RexaError('UNMAPPABLE', [what, describeCharacter(character), name]);
}

import { RexaError } from '../../protocol/errors.ts';
import type { Encoding, IconvEncoding } from './encoding.ts';
import { REPLACEMENT } from './utf8.ts';

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
  if (isExact(text, encoding)) return encoding.iconv.encode(text, encoding.codec, { addBOM: false });
  throw refuse([...text].find((character) => !isExact(character, encoding)) ?? text, encoding.name, what);
}

/** Whether a text comes back from an encoding as it was. iconv-lite writes bytes without a meaning as U+FFFD. */
function isExact(text: string, { iconv, codec, kind }: IconvEncoding & { kind: Encoding['kind'] }): boolean {
  if (!text.isWellFormed() || (kind === 'single' && text.includes(REPLACEMENT))) return false;
  return iconv.decode(iconv.encode(text, codec, { addBOM: false }), codec, { stripBOM: false }) === text;
}

function findLoneSurrogate(text: string): string {
  return [...text].find((character) => !character.isWellFormed()) ?? text;
}

function refuse(character: string, name: string, what: string): RexaError {
  const code = character.codePointAt(0) ?? 0;
  const shown = character.isWellFormed() ? `${character} ` : '';
  return new RexaError('UNMAPPABLE', [
    what,
    `${shown}(U+${code.toString(16).toUpperCase().padStart(4, '0')})`,
    name,
  ]);
}

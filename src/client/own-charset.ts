import { writeByteText } from '../protocol/byte-text.ts';
import type { Word } from '../protocol/word.ts';

/**
 * What a word that was given to this process (byte text, see `readByteText`) is to a host: text where it is valid in
 * our own charset, else its bytes.
 * @param passesBytes whether nothing is to be transcoded: then only what is UTF-8 is text
 */
export function readOwnWord(word: string, passesBytes = false): Word {
  if (isAscii(word)) return word;
  const bytes = writeByteText(word);
  const text = passesBytes ? null : decode(bytes, ownCharset());
  return text ?? (word.isWellFormed() ? word : bytes);
}

/** The same for variables. */
export function readOwnVariables(
  variables: Readonly<Record<string, string>>,
  passesBytes: boolean,
): Readonly<Record<string, Word>> {
  const entries = Object.entries(variables);
  return Object.fromEntries(entries.map(([name, value]) => [name, readOwnWord(value, passesBytes)]));
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what it says
  return /^[\x00-\x7f]*$/.test(text);
}

/** Null where the bytes are not valid in the charset, or it is UTF-8. */
function decode(bytes: Uint8Array, charset: string | null): string | null {
  if (charset === null) return null;
  // To TextDecoder that is windows-1252
  if (charset === 'ISO-8859-1') return Buffer.from(bytes).toString('latin1');
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

let known: { readonly charset: string | null } | null = null;

function ownCharset(): string | null {
  known ??= { charset: findCharset(process.env) };
  return known.charset;
}

/**
 * The charset of our locale; null: UTF-8, which is also what a locale without characters (C, or one that is not
 * installed) is taken for. locale(1) is asked only for a locale that does not name UTF-8, and only for words beyond ASCII.
 */
function findCharset(variables: NodeJS.ProcessEnv): string | null {
  const locale = variables['LC_ALL'] || variables['LC_CTYPE'] || variables['LANG'] || 'C';
  if (/^(?:C|POSIX)$|utf-?8/i.test(locale)) return null;
  try {
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    const charmap = execFileSync('locale', ['charmap'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const name = charmap.toString().trim();
    return /^(?:ANSI_X3\.4-1968|UTF-?8|)$/i.test(name) ? null : name;
  } catch {
    return null;
  }
}

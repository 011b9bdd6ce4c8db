import { findLocaleCodeset } from './locale-codesets.ts';

/** Code pages whose name is not `cp` and their number. `gbk` is the whole of what Windows calls 936. */
const CODE_PAGES: Readonly<Record<number, string>> = {
  932: 'shiftjis',
  936: 'gbk',
  950: 'cp950',
  1200: 'utf16le',
  1201: 'utf16be',
  12000: 'utf32le',
  12001: 'utf32be',
  20127: 'utf8',
  20932: 'eucjp',
  20936: 'gb2312',
  51932: 'eucjp',
  51936: 'gb2312',
  51949: 'euckr',
  54936: 'gb18030',
  65001: 'utf8',
};

/** Codesets that iconv-lite calls otherwise, in the spelling without signs. Plain ASCII is read as UTF-8. */
const CODESET_NAMES: Readonly<Record<string, string>> = {
  ansix341968: 'utf8',
  usascii: 'utf8',
  ascii: 'utf8',
  ujis: 'eucjp',
  eucjpms: 'eucjp',
  tcvn57121: 'tcvn',
  iso88599e: 'iso88599',
};

/**
 * The name of the encoding that the host's programs write, by the locale as setlocale(3) reads it: the first of
 * LC_ALL, LC_CTYPE and LANG that is not empty. C, POSIX or none is `utf8`. On Windows it is the code page's. The
 * name may be one that iconv-lite does not know (`euctw`): then `resolveEncoding` throws.
 *
 * @param codePage Windows: the number that `chcp` prints; undefined where it isn't known, which is read as UTF-8
 */
export function hostEncoding(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  codePage?: number,
): string {
  if (platform === 'win32') return codePage === undefined ? 'utf8' : codePageEncoding(codePage);
  const { LC_ALL, LC_CTYPE, LANG } = environment;
  return localeEncoding(LC_ALL || LC_CTYPE || LANG || 'C');
}

/** The name of a Windows code page's encoding. */
export function codePageEncoding(codePage: number): string {
  return CODE_PAGES[codePage] ?? `cp${codePage}`;
}

/** `language_TERRITORY.codeset@modifier`, all but the first optional. */
function localeEncoding(locale: string): string {
  const [, name = '', codeset = '', modifier = ''] = /^([^.@]*)(?:\.([^@]*))?(?:@(.*))?$/s.exec(locale) ?? [];
  if (codeset === '') return findLocaleCodeset(name, modifier) ?? 'utf8';
  const plain = codeset.toLowerCase().replace(/[^0-9a-z]/g, '');
  return CODESET_NAMES[plain] ?? plain;
}

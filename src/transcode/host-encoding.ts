import { askLocaleProgram, type CLocale } from './c-locale.ts';

/** Code pages whose name is not `cp` and their number. `gbk` is the whole of what Windows calls 936. */
const CODE_PAGES: Readonly<Record<number, string>> = {
  936: 'gbk',
  1200: 'utf16le',
  1201: 'utf16be',
  12000: 'utf32le',
  12001: 'utf32be',
  20127: 'utf8',
  20932: 'eucjp',
  20936: 'gb2312',
  51936: 'gb2312',
  51949: 'euckr',
  54936: 'gb18030',
  65001: 'utf8',
};

/** Codesets that are called otherwise here, in the spelling without signs. Plain ASCII is read as UTF-8. */
const CODESET_NAMES: Readonly<Record<string, string>> = {
  ansix341968: 'utf8',
  usascii: 'utf8',
  ascii: 'utf8',
  '646': 'utf8',
  ujis: 'eucjp',
  tcvn57121: 'tcvn',
  iso88599e: 'iso88599',
};

/** What programs use where a locale isn't installed: what is in every glibc from 2.35 on, or else the one without a name. */
const FALLBACKS = ['C.UTF-8', 'C'];

/** The charset of this host, and what has to change in the environment of its programs for that. */
export interface HostEncoding {
  /** The name may be one that nobody knows: then bytes are passed as they are. */
  readonly name: string;
  /** Variables that named a locale which isn't installed, and what takes its place. */
  readonly corrections: readonly LocaleCorrection[];
}

export interface LocaleCorrection {
  readonly variable: string;
  readonly locale: string;
  readonly fallback: string;
  /** macOS sends `LC_CTYPE=UTF-8` everywhere: what is meant is there, so it is not worth a warning. */
  readonly isHabit: boolean;
}

/**
 * Finds the charset that the host's programs use, as setlocale(3) takes it from LC_ALL, LC_CTYPE and LANG. A name is not
 * believed: programs fall back to ASCII where the locale isn't installed, and so do we, to C.UTF-8.
 * @param locale null: locale(1) is asked, or failing that the name is read
 * @param codePage Windows: the number that `chcp` prints; undefined where it isn't known, which is read as UTF-8
 */
export async function findHostEncoding(
  environment: NodeJS.ProcessEnv,
  locale: CLocale | null,
  platform: NodeJS.Platform = process.platform,
  codePage?: number,
): Promise<HostEncoding> {
  if (platform === 'win32')
    return { name: codePage === undefined ? 'utf8' : codePageEncoding(codePage), corrections: [] };
  const corrections = locale === null ? [] : listLocales(environment).flatMap((one) => correct(one, locale));
  const corrected = applyCorrections(environment, corrections);
  const { LC_ALL, LC_CTYPE, LANG } = corrected;
  const name = LC_ALL || LC_CTYPE || LANG || 'C';
  const charset = locale ? locale.charset(name) : await askLocaleProgram(corrected);
  return { name: charsetEncoding(charset ?? /\.([^@]*)/.exec(name)?.[1] ?? ''), corrections };
}

/** Returns an environment in which every locale is installed. */
export function applyCorrections(
  environment: NodeJS.ProcessEnv,
  corrections: readonly LocaleCorrection[],
): NodeJS.ProcessEnv {
  return {
    ...environment,
    ...Object.fromEntries(corrections.map(({ variable, fallback }) => [variable, fallback])),
  };
}

/** The variables that count: one that isn't installed makes programs use none of them. */
function listLocales(environment: NodeJS.ProcessEnv): readonly (readonly [string, string])[] {
  const { LC_ALL } = environment;
  if (LC_ALL) return [['LC_ALL', LC_ALL]];
  return Object.entries(environment).flatMap(([name, value]) =>
    value && (name === 'LANG' || name.startsWith('LC_')) ? [[name, value] as const] : [],
  );
}

function correct([variable, name]: readonly [string, string], locale: CLocale): LocaleCorrection[] {
  if (locale.isInstalled(name)) return [];
  const fallback = FALLBACKS.find((one) => locale.isInstalled(one)) ?? 'C';
  return [{ variable, locale: name, fallback, isHabit: /^utf-?8$/i.test(name) }];
}

/** The name of a Windows code page's encoding. */
function codePageEncoding(codePage: number): string {
  return CODE_PAGES[codePage] ?? `cp${codePage}`;
}

/** The name of the encoding that the C library, or the name of a locale, calls so. */
export function charsetEncoding(charset: string): string {
  const plain = charset.toLowerCase().replace(/[^0-9a-z]/g, '');
  return plain === '' ? 'utf8' : (CODESET_NAMES[plain] ?? plain);
}

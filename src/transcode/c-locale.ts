import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type CLibrary, loadCLibrary } from './c-library.ts';

/** What the C library says of locales. */
export interface CLocale {
  /** Whether programs can use a locale of this name. */
  isInstalled(locale: string): boolean;
  /** The name of a locale's charset; null where it isn't installed. */
  charset(locale: string): string | null;
}

/** `CODESET` of langinfo.h and the masks of locale.h: those of Linux, by its C library, and of macOS. */
const IS_DARWIN = process.platform === 'darwin';
const CODESET = IS_DARWIN ? 0 : 14;
const LC_CTYPE_MASK = IS_DARWIN ? 2 : 1;
const LC_ALL_MASK = IS_DARWIN ? 0x3f : 0x1fbf;

/** Opens newlocale(3) and nl_langinfo_l(3); null where there are none. */
export async function loadCLocale(): Promise<CLocale | null> {
  const library = await loadCLibrary();
  try {
    return library && bindLocale(library);
  } catch {
    return null;
  }
}

function bindLocale({ library }: CLibrary): CLocale {
  const open = library.func('newlocale', 'uint64_t', ['int', 'str', 'uint64_t']);
  const close = library.func('freelocale', 'void', ['uint64_t']);
  const describe = library.func('nl_langinfo_l', 'str', ['int', 'uint64_t']);

  function use<Value>(mask: number, name: string, read: (locale: bigint) => Value): Value | null {
    const locale = BigInt(open(mask, name, 0) as bigint | number);
    if (locale === 0n) return null;
    const value = read(locale);
    close(locale);
    return value;
  }

  return {
    isInstalled: (name) => use(LC_ALL_MASK, name, () => true) ?? false,
    charset: (name) => use(LC_CTYPE_MASK, name, (locale) => String(describe(CODESET, locale))),
  };
}

/**
 * Asks locale(1) for the charset of an environment, where the C library can't be asked.
 * @returns null without that program, or where a locale of the environment isn't installed
 */
export async function askLocaleProgram(environment: NodeJS.ProcessEnv): Promise<string | null> {
  try {
    const { stdout, stderr } = await promisify(execFile)('locale', ['charmap'], { env: environment });
    return stderr === '' ? stdout.trim() : null;
  } catch {
    return null;
  }
}

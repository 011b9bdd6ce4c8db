import { describe, expect, it } from 'vitest';
import type { CLocale } from '../../../src/transcode/c-locale.ts';
import { resolveEncoding } from '../../../src/transcode/encoding.ts';
import { applyCorrections, charsetEncoding, findHostEncoding } from '../../../src/transcode/host-encoding.ts';

/** A C library that has these locales and no others. */
const INSTALLED: Readonly<Record<string, string>> = {
  C: 'ANSI_X3.4-1968',
  POSIX: 'ANSI_X3.4-1968',
  'C.UTF-8': 'UTF-8',
  'zh_CN.GBK': 'GBK',
  'ja_JP.SJIS': 'SHIFT_JIS',
  zh_TW: 'BIG5',
  'zh_TW.EUC-TW': 'EUC-TW',
  'klingon.KLI': 'KLINGON',
};
const LOCALE: CLocale = {
  isInstalled: (name) => Object.hasOwn(INSTALLED, name),
  charset: (name) => INSTALLED[name] ?? null,
};

async function find(environment: NodeJS.ProcessEnv) {
  const { name, corrections } = await findHostEncoding(environment, LOCALE, 'linux');
  return [name, applyCorrections({}, corrections)];
}

describe('the encoding of a host', () => {
  it.each([
    [{ LC_ALL: 'zh_CN.GBK', LC_CTYPE: 'ja_JP.SJIS', LANG: 'C' }, 'gbk'],
    [{ LC_ALL: '', LC_CTYPE: 'ja_JP.SJIS', LANG: 'C' }, 'shiftjis'],
    [{ LC_CTYPE: '', LANG: 'zh_TW' }, 'big5'],
    [{ LC_ALL: 'C', LANG: 'zh_CN.GBK' }, 'utf8'],
    [{ LANG: 'POSIX' }, 'utf8'],
    [{ LANG: 'C.UTF-8' }, 'utf8'],
    [{ LANG: 'zh_TW.EUC-TW' }, 'euctw'],
    [{ LANG: 'klingon.KLI' }, 'klingon'],
    [{}, 'utf8'],
  ])('is what the C library says of the variables that count: %j', async (environment, expected) => {
    expect(await find(environment)).toEqual([expected, {}]);
  });

  it.each([
    [{ LC_ALL: 'ja_JP.eucJP' }, 'utf8', { LC_ALL: 'C.UTF-8' }],
    [{ LC_ALL: 'zh_CN.GBK', LANG: 'xx' }, 'gbk', {}],
    [{ LANG: 'ja_JP.EUC' }, 'utf8', { LANG: 'C.UTF-8' }],
    [{ LC_CTYPE: 'zh_CN.GBK', LANG: 'xx', LC_TIME: 'yy' }, 'gbk', { LANG: 'C.UTF-8', LC_TIME: 'C.UTF-8' }],
    [{ LC_CTYPE: 'UTF-8' }, 'utf8', { LC_CTYPE: 'C.UTF-8' }],
  ])('is UTF-8 in the place of a locale that is not installed: %j', async (environment, name, corrected) => {
    expect(await find(environment)).toEqual([name, corrected]);
  });

  it('takes LC_CTYPE=UTF-8 for a habit of macOS', async () => {
    const { corrections } = await findHostEncoding({ LC_CTYPE: 'UTF-8', LANG: 'xx' }, LOCALE, 'linux');
    expect(corrections.map(({ variable, isHabit }) => [variable, isHabit])).toEqual([
      ['LC_CTYPE', true],
      ['LANG', false],
    ]);
  });

  it.each([
    ['GB18030', 'gb18030'],
    ['BIG5-HKSCS', 'big5hkscs'],
    ['EUC-KR', 'euckr'],
    ['KOI8-R', 'koi8r'],
    ['CP1251', 'windows1251'],
    ['ISO-8859-15', 'iso885915'],
    ['ISO-8859-9E', 'iso88599'],
    ['TCVN5712-1', 'tcvn'],
    ['TIS-620', 'tis620'],
    ['ARMSCII-8', 'armscii8'],
    ['GEORGIAN-PS', 'georgianps'],
    ['PT154', 'pt154'],
    ['RK1048', 'rk1048'],
    ['ANSI_X3.4-1968', 'utf8'],
    ['646', 'utf8'],
  ])('whose charset the C library calls %s is %s', async (charset, expected) => {
    expect((await resolveEncoding(charsetEncoding(charset))).name).toBe(expected);
  });

  it.each([
    [936, 'gbk'],
    [54936, 'gb18030'],
    [950, 'cp950'],
    [932, 'cp932'],
    [949, 'cp949'],
    [437, 'cp437'],
    [850, 'cp850'],
    [866, 'cp866'],
    [1252, 'windows1252'],
    [20866, 'koi8r'],
    [28591, 'iso88591'],
    [51949, 'euckr'],
    [51932, 'cp51932'],
    [1200, 'utf16le'],
    [12001, 'utf32be'],
    [20127, 'utf8'],
    [65001, 'utf8'],
  ])('on Windows with the code page %i is %s', async (codePage, expected) => {
    const { name } = await findHostEncoding({ LANG: 'ja_JP.SJIS' }, null, 'win32', codePage);
    expect((await resolveEncoding(name)).name).toBe(expected);
  });

  it('on Windows without a known code page is UTF-8', async () => {
    expect((await findHostEncoding({}, null, 'win32')).name).toBe('utf8');
  });
});

import { describe, expect, it } from 'vitest';
import { resolveEncoding } from '../../../../src/daemon/transcode/encoding.ts';
import { codePageEncoding, hostEncoding } from '../../../../src/daemon/transcode/host-encoding.ts';

const LOCALES = [
  ['zh_CN.GBK', 'gbk'],
  ['zh_CN.gb18030', 'gb18030'],
  ['zh_CN.GB2312', 'gb2312'],
  ['zh_CN', 'gb2312'],
  ['zh_TW.Big5', 'big5'],
  ['zh_TW', 'big5'],
  ['zh_HK.BIG5-HKSCS', 'big5hkscs'],
  ['ja_JP.SJIS', 'shiftjis'],
  ['ja_JP.eucJP', 'eucjp'],
  ['ja_JP.ujis', 'eucjp'],
  ['ja_JP', 'eucjp'],
  ['ko_KR.eucKR', 'euckr'],
  ['ko_KR', 'euckr'],
  ['ru_RU.KOI8-R', 'koi8r'],
  ['ru_RU.CP1251', 'windows1251'],
  ['ru_RU', 'iso88595'],
  ['de_DE', 'iso88591'],
  ['de_DE@euro', 'iso885915'],
  ['de_DE.ISO-8859-15@euro', 'iso885915'],
  ['vi_VN.TCVN5712-1', 'tcvn'],
  ['tr_TR.ISO-8859-9', 'iso88599'],
  ['th_TH.TIS-620', 'tis620'],
  ['hy_AM.ARMSCII-8', 'armscii8'],
  ['zh_CN.UTF-8', 'utf8'],
  ['en_US.utf8', 'utf8'],
  ['C', 'utf8'],
  ['POSIX', 'utf8'],
  ['C.UTF-8', 'utf8'],
  ['en_US.ANSI_X3.4-1968', 'utf8'],
  ['hi_IN', 'utf8'],
  ['', 'utf8'],
  ['@', 'utf8'],
] as const;

describe('the encoding of a host', () => {
  it.each(LOCALES)('with the locale %s is %s', async (locale, expected) => {
    const name = hostEncoding({ LANG: locale }, 'linux');
    expect((await resolveEncoding(name)).name).toBe(expected);
  });

  it.each([
    [{ LC_ALL: 'zh_CN.GBK', LC_CTYPE: 'ja_JP.SJIS', LANG: 'C' }, 'gbk'],
    [{ LC_ALL: '', LC_CTYPE: 'ja_JP.SJIS', LANG: 'C' }, 'sjis'],
    [{ LC_CTYPE: '', LANG: 'ko_KR.eucKR' }, 'euckr'],
    [{ LC_ALL: 'C', LANG: 'zh_CN.GBK' }, 'utf8'],
    [{}, 'utf8'],
  ])('is of the first variable that setlocale takes: %j', (environment, expected) => {
    expect(hostEncoding(environment, 'linux')).toBe(expected);
  });

  it('may be one that nobody knows, which is told when it is used', async () => {
    const name = hostEncoding({ LANG: 'zh_TW.EUC-TW' }, 'linux');
    expect(name).toBe('euctw');
    await expect(resolveEncoding(name)).rejects.toMatchObject({ code: 'ENCODING_UNKNOWN' });
  });

  it.each([
    [936, 'gbk'],
    [54936, 'gb18030'],
    [950, 'cp950'],
    [932, 'shiftjis'],
    [949, 'cp949'],
    [437, 'cp437'],
    [850, 'cp850'],
    [866, 'cp866'],
    [1252, 'windows1252'],
    [20866, 'koi8r'],
    [28591, 'iso88591'],
    [51949, 'euckr'],
    [1200, 'utf16le'],
    [12001, 'utf32be'],
    [20127, 'utf8'],
    [65001, 'utf8'],
  ])('on Windows with the code page %i is %s', async (codePage, expected) => {
    const name = hostEncoding({ LANG: 'ja_JP.SJIS' }, 'win32', codePage);
    expect(name).toBe(codePageEncoding(codePage));
    expect((await resolveEncoding(name)).name).toBe(expected);
  });

  it('on Windows without a known code page is UTF-8', () => {
    expect(hostEncoding({}, 'win32')).toBe('utf8');
  });
});

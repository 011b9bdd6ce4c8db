import { describe, expect, it } from 'vitest';
import { ENCODING_NAMES } from '../../../src/protocol/encoding-names.ts';
import { containsAscii, resolveEncoding } from '../../../src/transcode/encoding.ts';

describe('the name of an encoding', () => {
  it.each([
    ['utf8', 'utf8'],
    ['UTF-8', 'utf8'],
    ['GBK', 'gbk'],
    ['x-gbk', 'gbk'],
    ['GB2312', 'gb2312'],
    ['cp936', 'cp936'],
    ['GB18030', 'gb18030'],
    ['Big5', 'big5'],
    ['Big5-HKSCS', 'big5hkscs'],
    ['Shift_JIS', 'shiftjis'],
    ['SJIS', 'shiftjis'],
    ['cp932', 'cp932'],
    ['Windows-31J', 'cp932'],
    ['CP51932', 'cp51932'],
    ['eucJP-ms', 'eucjpms'],
    ['ISO-2022-JP', 'iso2022jp'],
    ['ISO-2022-KR', 'iso2022kr'],
    ['HZ-GB-2312', 'hz'],
    ['Johab', 'johab'],
    ['CP1361', 'johab'],
    ['EUC-TW', 'euctw'],
    ['EUC-CN', 'gb2312'],
    ['uhc', 'cp949'],
    ['x-windows-949', 'cp949'],
    ['GB18030-2022', 'gb18030'],
    ['EUC-JP', 'eucjp'],
    ['EUC-KR', 'euckr'],
    ['cp949', 'cp949'],
    ['UTF-16LE', 'utf16le'],
    ['ucs2', 'utf16le'],
    ['UTF-16BE', 'utf16be'],
    ['UTF-16', 'utf16'],
    ['UTF-32', 'utf32'],
    ['utf-32le', 'utf32le'],
    ['CP437', 'cp437'],
    ['850', 'cp850'],
    ['cp866', 'cp866'],
    ['Windows-1252', 'windows1252'],
    ['cp1251', 'windows1251'],
    ['latin1', 'iso88591'],
    ['ISO-8859-15', 'iso885915'],
    ['KOI8-R', 'koi8r'],
    ['binary', 'binary'],
    ['UTF-7', 'utf7'],
    ['cesu8', 'cesu8'],
  ])('%s is shown as %s', async (given, shown) => {
    expect((await resolveEncoding(given)).name).toBe(shown);
    expect((await resolveEncoding(shown)).name).toBe(shown);
  });

  it.each([
    '',
    'klingon',
    'base64',
    'hex',
    'HEX',
    'host',
    'auto',
    '__proto__',
    'constructor',
    '_sbcs',
    '_internal',
    '\u0000',
  ])('%j is refused', async (name) => {
    await expect(resolveEncoding(name)).rejects.toMatchObject({ code: 'ENCODING_UNKNOWN' });
  });

  it.each(['iso-2022-cn', 'ISO-2022-CN-EXT', 'EBCDIC-IS-FRISS'])(
    '%s, which iconv(1) alone knows, is refused with the way to convert it',
    async (name) => {
      await expect(resolveEncoding(name)).rejects.toMatchObject({
        code: 'ENCODING_UNAVAILABLE',
        message: expect.stringContaining(`COMMAND | iconv -f ${name} -t UTF-8`) as string,
      });
    },
  );

  it.each([
    ['GKB', '; did you mean gbk?'],
    ['shfit_jis', '; did you mean shiftjis?'],
    ['autp', '; did you mean auto?'],
    ['klingon', ''],
  ])('%s is refused with what was probably meant, and where the names are: %j', async (name, hint) => {
    await expect(resolveEncoding(name)).rejects.toThrow(
      `unknown encoding ${name}${hint} (rexa help encodings lists the names)`,
    );
  });

  it('of the list is known, every one', async () => {
    for (const { name } of ENCODING_NAMES) expect((await resolveEncoding(name)).name).toBe(name);
  });

  it.each([
    ['gbk', true],
    ['big5', true],
    ['shiftjis', true],
    ['utf8', true],
    ['cesu8', true],
    ['binary', true],
    ['cp437', true],
    ['cp864', false],
    ['iso646jp', false],
    ['utf7', false],
    ['iso2022jp', false],
    ['hz', false],
    ['euctw', true],
    ['johab', true],
    ['utf16le', false],
    ['utf16', false],
    ['utf32be', false],
  ])('%s contains ASCII: %s', async (name, expected) => {
    expect(containsAscii(await resolveEncoding(name))).toBe(expected);
  });
});

import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { encodeText } from '../../../src/transcode/encode-text.ts';
import { resolveEncoding } from '../../../src/transcode/encoding.ts';

describe('an argument', () => {
  it.each([
    ['gbk', '中文 a€'],
    ['gb18030', '中文 😀 \uFFFD'],
    ['big5', '檔案 功育'],
    ['big5hkscs', 'Ê̄ 檔案'],
    ['cp932', '①㈱'],
    ['cp949', '뷁'],
    ['shiftjis', '日本語 ｶﾞ \\ ~'],
    ['euckr', '파일'],
    ['cp437', '║ ñ'],
    ['windows1252', '€ é ?'],
    ['gbk', ''],
  ])('is written in %s: %j', async (name, text) => {
    const bytes = Buffer.from(encodeText(text, await resolveEncoding(name), 'argument 1'));
    expect(bytes).toEqual(iconv.encode(text, name));
  });

  it.each([
    ['euckr', '한글'.normalize('NFD'), 'c7d1b1db'],
    ['euckr', '\uF900豈', 'cbd0d1c2'],
    ['cp949', '뷁'.normalize('NFD'), '94ee'],
    ['iso88591', 'e\u0301', 'e9'],
    ['shiftjis', 'か\u3099', '82aa'],
    ['shiftjis', '〜−‖¢£¬', '8160817c81618191819281ca'],
    ['shiftjis', '～－∥￠￡￢', '8160817c81618191819281ca'],
    ['cp932', '〜−', '8160817c'],
    ['eucjp', '〜～−', 'a1c1a1c1a1dd'],
    ['gb2312', '・—―', 'a1a4a1aaa1aa'],
    ['gb18030', '︐︙龴', 'a6d9a6f3fe59'],
    ['johab', '한글\\', 'd0658b695c'],
    ['euctw', '中文', 'c4e3c5c6'],
  ])('that %s has in another form only is written in that: %j', async (name, text, bytes) => {
    const encoded = encodeText(text, await resolveEncoding(name), 'argument 1');
    expect(Buffer.from(encoded).toString('hex')).toBe(bytes);
  });

  it.each([
    ['utf8', '中文'],
    ['binary', '中文'],
  ])('is UTF-8 under %s', async (name, text) => {
    expect(Buffer.from(encodeText(text, await resolveEncoding(name), 'argument 1'))).toEqual(
      Buffer.from(text),
    );
  });

  it.each([
    ['gbk', 'a 😀 é́', 'argument 2 has 😀 (U+1F600), which the encoding gbk lacks'],
    ['gbk', '?\uFFFD', 'argument 2 has \uFFFD (U+FFFD), which the encoding gbk lacks'],
    ['iso88591', '€', 'argument 2 has € (U+20AC), which the encoding iso88591 lacks'],
    // iconv-lite writes a byte without a meaning for U+FFFD, and 5C for a yen sign.
    ['windows1252', '\uFFFD', 'argument 2 has \uFFFD (U+FFFD), which the encoding windows1252 lacks'],
    ['shiftjis', '¥100', 'argument 2 has ¥ (U+00A5), which the encoding shiftjis lacks'],
    ['cp866', 'файл é', 'argument 2 has é (U+00E9), which the encoding cp866 lacks'],
    ['euckr', '한뷁', 'argument 2 has 뷁 (U+BDC1), which the encoding euckr lacks'],
    ['shiftjis', '日①', 'argument 2 has ① (U+2460), which the encoding shiftjis lacks'],
    ['eucjp', '㈱', 'argument 2 has ㈱ (U+3231), which the encoding eucjp lacks'],
    ['gb2312', '誠', 'argument 2 has 誠 (U+8AA0), which the encoding gb2312 lacks'],
    ['big5', '𠝹', 'argument 2 has 𠝹 (U+20779), which the encoding big5 lacks'],
    ['gbk', '\uE000', 'argument 2 has \uE000 (U+E000), which the encoding gbk lacks'],
    ['gbk', 'a\uD83D', 'argument 2 has (U+D83D), which the encoding gbk lacks'],
    ['gb18030', '\uDE00', 'argument 2 has (U+DE00), which the encoding gb18030 lacks'],
    ['utf8', 'a\uD83D', 'argument 2 has (U+D83D), which the encoding utf8 lacks'],
    ['big5', '\u202Ea', 'argument 2 has \\u202e (U+202E), which the encoding big5 lacks'],
  ])('in %s is refused by name for what the encoding lacks: %j', async (name, text, message) => {
    const encoding = await resolveEncoding(name);
    expect(() => encodeText(text, encoding, 'argument 2')).toThrow(
      expect.objectContaining({ code: 'UNMAPPABLE', message }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { encodeText } from '../../../src/transcode/encode-text.ts';
import { resolveEncoding } from '../../../src/transcode/encoding.ts';
import { cut, decodeByOurs } from './oracle.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('an encoding that switches between sets of characters', () => {
  it.each([
    ['iso-2022-jp', '日本語 abc\nか', '\x1b$BF|K\\8l\x1b(B abc\n\x1b$B$+\x1b(B'],
    ['iso-2022-kr', '한글 a\n', '\x1b$)C\x0eGQ1[\x0f a\n'],
    ['hz', '中文~{a\n', '~{VPND~}~~{a\n'],
  ])('is written and read wherever it is cut: %s', async (name, text, expected) => {
    const bytes = Buffer.from(encodeText(text, await resolveEncoding(name), 'it'));
    expect(bytes).toEqual(bytesOf(expected));
    for (let place = 0; place <= bytes.length; place++) {
      expect(await decodeByOurs(cut(bytes, [place]), name)).toEqual({ text, replaced: 0 });
    }
  });

  it.each([
    ['iso-2022-jp', '\x1b$@F|\x1b(Jx\x1b(I1\x1b(B', '日xｱ', 0],
    ['iso-2022-jp', '\x1b$(D0!\x1b(B', '丂', 0],
    ['iso-2022-jp', '\x1b$BF', '\uFFFD', 1],
    ['iso-2022-jp', '\x1b$BF|\nK\\', '日\n本', 0],
    ['iso-2022-jp', 'a\xffb\x1b', 'a\uFFFDb\uFFFD', 2],
    ['hz', '~{VP\nabc', '中\nabc', 0],
    ['hz', '~{VP~\n~}a', '中a', 0],
    ['iso-2022-kr', '\x0eGQ1', '한\uFFFD', 1],
  ])('reads what others write: %s %j', async (name, bytes, text, replaced) => {
    expect(await decodeByOurs([bytesOf(bytes)], name)).toEqual({ text, replaced });
  });

  it.each([
    ['iso-2022-jp', '①'],
    ['iso-2022-jp', 'ｱ'],
    ['iso-2022-jp', 'a\x1b'],
    ['iso-2022-kr', '뷁'],
    ['hz', '誠'],
  ])('refuses what its sets lack: %s %j', async (name, text) => {
    const encoding = await resolveEncoding(name);
    expect(() => encodeText(text, encoding, 'it')).toThrow(expect.objectContaining({ code: 'UNMAPPABLE' }));
  });
});

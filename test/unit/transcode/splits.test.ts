import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { cut, DOUBLE_BYTE, decodeByIconv, decodeByOurs, judged, SINGLE_BYTE, WIDE } from './oracle.ts';

const TEXTS: Readonly<Record<string, string>> = {
  gbk: '你好，world！€ 模 ° ж\n',
  cp936: '你好，world！\n',
  gb2312: '没有那个文件或目录\n',
  gb18030: 'ls: 无法访问 𠀀𪚥 ཀ€ \uFFFD ü 文件\n',
  big5: '無法存取 Ê̄ê̌Ê 𠝹 「檔案」\n',
  cp950: '沒有此一檔案或目錄\n',
  shiftjis: 'ｶﾞｷﾞ 日本語テキスト ソ能表 ~\\\n',
  eucjp: '日本語 ｶﾞｷﾞ 丂侄 漢字\n',
  euckr: '그런 파일이나 디렉터리가 없습니다 뷁\n',
  cp437: '║ Größe ░▒▓ ñ\n',
  cp850: 'Größe ¾ ÿ\n',
  cp866: 'Нет такого файла ░\n',
  cp864: '٪ ١٢\n',
  windows1251: 'Нет такого файла €\n',
  windows1252: 'déjà vu – €\n',
  iso88591: 'déjà vu\n',
  koi8r: 'Нет такого файла ╬\n',
  utf8: 'a é 你好 😀 \uFFFD\n',
  cesu8: 'a é 你好 😀\n',
  'utf-7': '+ a é 你好 😀-x\n',
  'utf-7-imap': '& a é 你好 😀-x\n',
};
const WIDE_TEXT = '\uFEFFa é 你好 😀𠀀 \uFFFD\n';

describe('a text cut at any byte', () => {
  const rows = [...Object.entries(TEXTS), ...WIDE.map((name) => [name, WIDE_TEXT] as const)];

  it.each(rows)('of %s is the same as in one piece', async (name, text) => {
    const bytes = iconv.encode(text, name, { addBOM: false });
    const whole = decodeByIconv(bytes, name);
    expect(whole.text).toBe(text);
    for (let place = 0; place <= bytes.length; place++) {
      expect((await decodeByOurs(cut(bytes, [place]), name)).text).toBe(text);
      expect((await decodeByOurs(cut(bytes, [place, place + 1]), name)).text).toBe(text);
    }
    const single = [...bytes].map((byte) => Buffer.of(byte));
    expect((await decodeByOurs(single, name)).text).toBe(text);
  });

  it('has a text for each encoding with a table of its own', () => {
    for (const name of [...DOUBLE_BYTE, ...SINGLE_BYTE]) expect(Object.keys(TEXTS)).toContain(name);
  });

  it.each(rows.filter(([name]) => !name.includes('7')))(
    'of %s that ends early is flushed, with what is incomplete as U+FFFD and counted',
    async (name, text) => {
      const bytes = iconv.encode(text, name, { addBOM: false });
      for (let end = 0; end <= bytes.length; end++) {
        const early = bytes.subarray(0, end);
        const theirs = decodeByIconv(early, name);
        const ours = await decodeByOurs(cut(early, [1, 5, end - 1]), name);
        const lost = lostUnits(name, end);
        const expected = { text: tidyEnd(theirs.text, name, end), replaced: theirs.replaced + lost };
        expect(ours).toMatchObject(judged(expected));
      }
    },
  );
});

/** iconv-lite drops half a unit of UTF-16 at the end; ours tells it. */
function lostUnits(name: string, sizeBytes: number): number {
  return name.startsWith('utf16') || name === 'utf-16' ? sizeBytes % 2 : 0;
}

/** What iconv-lite would say, had it said what it dropped; its CESU-8 says a `0` too much. */
function tidyEnd(text: string, name: string, sizeBytes: number): string {
  const tidy = name === 'cesu8' ? text.replace(/0\uFFFD$/, '\uFFFD') : text;
  return tidy + '\uFFFD'.repeat(lostUnits(name, sizeBytes));
}

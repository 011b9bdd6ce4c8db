import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { chooseEncoding } from '../../../src/transcode/choose-encoding.ts';
import { createStreamEncoder } from '../../../src/transcode/stream-encoder.ts';
import { cut } from './oracle.ts';

async function encode(
  name: string,
  pieces: readonly Uint8Array[],
): Promise<{ bytes: Buffer; replaced: number }> {
  const encoder = createStreamEncoder(await chooseEncoding(name, 'gbk'), 'replace');
  const output = pieces.map((piece) => {
    const own = Uint8Array.from(piece);
    const bytes = Buffer.from(encoder.write(own).bytes);
    own.fill(0x21);
    return bytes;
  });
  return { bytes: Buffer.concat([...output, encoder.end().bytes]), replaced: encoder.replaced() };
}

describe('stdin', () => {
  it.each([
    ['gbk', '你好，world € ~\n'],
    ['gb18030', '你好 𠀀 \uFFFD\n'],
    ['big5', '無法存取 功\n'],
    ['big5hkscs', '無法存取 Ê̄ê̌ÊaÊ 𠝹\n'],
    ['big5hkscs', 'Ê'],
    ['shiftjis', 'ｶﾞｷﾞ 日本語 ソ\n'],
    ['eucjp', '日本語 丂侄\n'],
    ['euckr', '그런 파일\n'],
    ['cp866', 'Нет такого файла?\n'],
    ['utf16le', 'a é 你好 😀\n'],
    ['utf16be', 'a é 你好 😀\n'],
    ['utf-16', 'a é 你好 😀\n'],
    ['utf-32', 'a é 你好 😀\n'],
    ['utf-7-imap', 'a é 你好 😀\n'],
    ['cesu8', 'a é 你好 😀\n'],
    ['host', '你好'],
    ['auto', '你好'],
  ])('reaches the command in %s, wherever its UTF-8 is cut: %j', async (name, text) => {
    const bytes = Buffer.from(text);
    const codec = name === 'host' || name === 'auto' ? 'gbk' : name;
    for (let place = 0; place <= bytes.length; place++) {
      const found = await encode(name, cut(bytes, [place]));
      expect(iconv.decode(found.bytes, codec)).toBe(text);
      expect(found.replaced).toBe(0);
    }
    expect((await encode(name, [bytes])).bytes).toEqual(iconv.encode(text, codec));
  });

  it.each([
    ['gbk', 'a😀你?é́', 'a?你?é?', 2],
    ['gbk', 'a\uFFFD', 'a?', 1],
    ['gb18030', '😀\uFFFD', '😀\uFFFD', 0],
    ['windows1252', 'é 你好 😀 \uFFFD ?', 'é ?? ? ? ?', 4],
    ['cp866', 'é', '?', 1],
    ['big5hkscs', 'Ê😀', 'Ê?', 1],
    ['big5', 'Ê功', '?功', 1],
    ['euckr', '한뷁', '한?', 1],
  ])(
    'in %s has a counted ? for each character that the encoding lacks: %j',
    async (name, text, expected, replaced) => {
      const bytes = Buffer.from(text);
      for (let place = 0; place <= bytes.length; place++) {
        const found = await encode(name, cut(bytes, [place]));
        expect(iconv.decode(found.bytes, name)).toBe(expected);
        expect(found.replaced).toBe(replaced);
      }
    },
  );

  it.each([
    ['gbk', 'a??b?'],
    ['gb18030', 'a\uFFFD\uFFFDb\uFFFD'],
    ['utf16le', 'a\uFFFD\uFFFDb\uFFFD'],
    ['iso88591', 'a??b?'],
  ])('in %s counts bytes that are not UTF-8', async (name, expected) => {
    const bytes = Buffer.of(0x61, 0xff, 0xe4, 0xbd, 0x62, 0xe4);
    const found = await encode(
      name,
      [...bytes].map((byte) => Buffer.of(byte)),
    );
    expect(iconv.decode(found.bytes, name)).toBe(expected);
    expect(found.replaced).toBe(3);
  });

  it.each(['utf8', 'binary'])('passes as it is in %s', async (name) => {
    const bytes = Buffer.of(0xff, 0xe4, 0x00);
    expect(await encode(name, [bytes])).toEqual({ bytes, replaced: 0 });
  });

  it('is empty where it was empty, without a byte order mark', async () => {
    expect((await encode('utf-16', [Buffer.alloc(0)])).bytes).toHaveLength(0);
  });
});

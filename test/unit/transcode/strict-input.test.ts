import { describe, expect, it } from 'vitest';
import { chooseEncoding } from '../../../src/transcode/choose-encoding.ts';
import { createStreamEncoder } from '../../../src/transcode/stream-encoder.ts';
import { cut } from './oracle.ts';

const utf8 = (text: string): Buffer => Buffer.from(text);

describe('stdin that the encoding of the command cannot hold', () => {
  it.each([
    ['gbk', utf8('rm -v 😀.txt\n'), '😀 (U+1F600) at byte 6,'],
    ['gbk', utf8('你好\né́'), '\u0301 (U+0301) at byte 9,'],
    ['shiftjis', utf8('a 뷁'), '뷁 (U+BDC1) at byte 2,'],
    ['shiftjis', utf8('5¥'), '¥ (U+00A5) at byte 1,'],
    ['windows1252', utf8('é中'), '中 (U+4E2D) at byte 2,'],
    ['gbk', utf8('\uFFFD'), '(U+FFFD) at byte 0,'],
    ['gbk', Buffer.of(0x61, 0xff, 0x62), 'the byte FF, which is not UTF-8, at byte 1,'],
    ['utf16le', Buffer.of(0x61, 0x62, 0xe9), 'the byte E9, which is not UTF-8, at byte 2,'],
  ])('is refused in %s with the place and the character, wherever it is cut', async (name, bytes, said) => {
    for (let place = 0; place <= bytes.length; place++) {
      const encoder = createStreamEncoder(await chooseEncoding(name, 'gbk'), 'cancel');
      const encoded = [...cut(bytes, [place]).map(encoder.write), encoder.end()];
      const refusal = encoded.map(({ refused }) => refused).find((refused) => refused !== null);
      expect(refusal?.code).toBe('STDIN_UNMAPPABLE');
      expect(refusal?.message).toContain(said);
      expect(Buffer.concat(encoded.map((each) => each.bytes)).includes('?')).toBe(false);
    }
  });

  it.each([
    ['euckr', '한글 파일 이름'],
    ['cp949', '뷁 뷁'],
    ['shiftjis', 'がぎぐ ぱ'],
    ['iso88591', 'é è'],
  ])('in parts is composed for %s wherever it is cut behind the first', async (name, text) => {
    const bytes = utf8(text.normalize('NFD'));
    const first = utf8([...text][0]?.normalize('NFD') ?? '').length;
    const whole = createStreamEncoder(await chooseEncoding(name, 'gbk'), 'cancel');
    const expected = Buffer.concat([whole.write(utf8(text)).bytes, whole.end().bytes]);
    for (let place = first; place <= bytes.length; place++) {
      const encoder = createStreamEncoder(await chooseEncoding(name, 'gbk'), 'cancel');
      const encoded = [...cut(bytes, [place]).map(encoder.write), encoder.end()];
      expect(encoded.find(({ refused }) => refused !== null)).toBeUndefined();
      expect(Buffer.concat(encoded.map((each) => each.bytes))).toEqual(expected);
    }
  });

  it.each([
    ['gbk', 'a你?\n', 'a\xc4\xe3?\n'],
    ['shiftjis', '〒\\', '\x81\xa7\\'],
    ['utf16le', 'a', 'a\0'],
    ['big5hkscs', 'Ê', '\x88\x66'],
  ])('passes in %s what that has', async (name, text, expected) => {
    const encoder = createStreamEncoder(await chooseEncoding(name, 'gbk'), 'cancel');
    const encoded = [encoder.write(utf8(text)), encoder.end()];
    expect(Buffer.concat(encoded.map(({ bytes }) => bytes)).toString('latin1')).toBe(expected);
    expect(encoded.map(({ refused }) => refused)).toEqual([null, null]);
  });

  it('sends nothing behind what was refused', async () => {
    const encoder = createStreamEncoder(await chooseEncoding('gbk', 'gbk'), 'cancel');
    encoder.write(utf8('😀'));
    expect(encoder.write(utf8('rm -r .\n')).bytes).toHaveLength(0);
    expect(encoder.end().bytes).toHaveLength(0);
  });
});

describe('keys', () => {
  /** What is sent for these reads of a terminal, and how often the bell rings. */
  async function type(
    name: string,
    reads: readonly (string | Buffer)[],
  ): Promise<[sent: string, bells: number]> {
    const encoder = createStreamEncoder(await chooseEncoding(name, 'gbk'), 'bell');
    const encoded = [...reads.map((read) => encoder.write(Buffer.from(read as string))), encoder.end()];
    const bells = encoded.filter(({ refused }) => refused !== null).length;
    return [Buffer.concat(encoded.map(({ bytes }) => bytes)).toString('latin1'), bells];
  }

  it.each<[string, string, readonly (string | Buffer)[], string, number]>([
    ['a character that there is', 'gbk', ['你'], '\xc4\xe3', 0],
    ['one that comes in two reads', 'gbk', [Buffer.of(0xe4, 0xbd), Buffer.of(0xa0)], '\xc4\xe3', 0],
    ['one that is missing', 'gbk', ['a', '😀', 'b'], 'ab', 1],
    ['one that has the byte of another', 'shiftjis', ['¥'], '', 1],
    ['the line that it came with', 'gbk', ['rm -r 😀/\r'], '', 1],
    ['the lines behind that', 'gbk', ['one\r😀\rthree\r', 'four'], 'one\rfour', 1],
    ['a bracketed paste', 'gbk', ['\x1b[200~rm -r 😀\r', 'x', '/\r\x1b[201~y'], '\x1b[200~\x1b[201~y', 1],
    ['a paste whose end is cut', 'gbk', ['\x1b[200~😀\x1b[2', '01~', 'y'], '\x1b[200~\x1b[201~y', 1],
    ['a paste that begins behind it', 'gbk', ['😀\x1b[200~a', 'b\x1b[201~y'], 'y', 1],
    [
      'a report of a mouse by X10',
      'gbk',
      [Buffer.from('\x1b[M \xe0!', 'latin1'), '你'],
      '\x1b[M \xe0!\xc4\xe3',
      0,
    ],
    [
      'one whose values look like a character',
      'gbk',
      [Buffer.from('\x1b[M \xc3\xa9', 'latin1')],
      '\x1b[M \xc3\xa9',
      0,
    ],
    ['one that is cut', 'gbk', ['\x1b[', 'M', ' ', Buffer.of(0xe4), '!', 'x'], '\x1b[M \xe4!x', 0],
    [
      'two in one read',
      'gbk',
      [Buffer.from('\x1b[M \xe0!\x1b[M#\xe0!', 'latin1')],
      '\x1b[M \xe0!\x1b[M#\xe0!',
      0,
    ],
    ['one by mode 1005', 'gbk', ['\x1b[M \u0100\u0100你'], '\x1b[M \xc4\x80\xc4\x80\xc4\xe3', 0],
    ['bytes that are no text', 'gbk', [Buffer.of(0x18, 0xff, 0x00, 0x8a)], '\x18\xff\0\x8a', 0],
    ['an 8-bit key, behind which comes another', 'gbk', [Buffer.of(0xe4), 'a'], '\xe4a', 0],
  ])('send %s', async (_what, name, reads, sent, bells) => {
    expect(await type(name, reads)).toEqual([sent, bells]);
  });
});

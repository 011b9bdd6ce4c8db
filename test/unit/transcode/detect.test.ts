import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { chooseEncoding } from '../../../src/transcode/choose-encoding.ts';
import { UNDECIDED_BYTES, UNDECIDED_MS } from '../../../src/transcode/limits.ts';
import { createStreamDecoder, type StreamDecoder } from '../../../src/transcode/stream-decoder.ts';
import { cut } from './oracle.ts';

/** A decoder of `auto` on this host, and its clock. */
async function openAuto(host: string): Promise<{ decoder: StreamDecoder; clock: { nowMs: number } }> {
  const clock = { nowMs: 0 };
  return { decoder: createStreamDecoder(await chooseEncoding('auto', host), () => clock.nowMs), clock };
}

async function detect(
  host: string,
  pieces: readonly Uint8Array[],
): Promise<{ text: string; name: string; replaced: number }> {
  const { decoder } = await openAuto(host);
  const text = Buffer.concat([...pieces.map((piece) => decoder.write(piece)), decoder.end()]).toString();
  const { name, replaced, source } = decoder.receipt();
  expect(source).toBe('detected');
  return { text, name, replaced };
}

const gbk = (text: string): Buffer => iconv.encode(text, 'gbk');

/** The characters of GB2312's first level whose two bytes are also one character of UTF-8. */
const TWICE_VALID = [...iconv.decode(Buffer.from(firstLevelPairs()), 'gb2312')].filter((character) => {
  const [first = 0, second = 0] = gbk(character);
  return first >= 0xc2 && first <= 0xdf && second >= 0x80 && second <= 0xbf;
});

function firstLevelPairs(): number[] {
  const pairs: number[] = [];
  for (let first = 0xb0; first <= 0xd7; first++) {
    for (let second = 0xa1; second <= (first === 0xd7 ? 0xf9 : 0xfe); second++) pairs.push(first, second);
  }
  return pairs;
}

describe('auto', () => {
  it.each([
    ['Chinese in UTF-8', 'utf8', Buffer.from('你好，世界\n'), '你好，世界\n', 'utf8'],
    ['Chinese in GBK', 'utf8', gbk('你好，世界\n'), '你好，世界\n', 'gb18030'],
    ['Russian in UTF-8, which GBK has too', 'utf8', Buffer.from('Привет\n'), 'Привет\n', 'utf8'],
    ['Chinese in UTF-8', 'gbk', Buffer.from('没有那个文件\n或目录\n'), '没有那个文件\n或目录\n', 'utf8'],
    ['Chinese in GBK', 'gbk', gbk('没有那个文件或目录\n'), '没有那个文件或目录\n', 'gbk'],
    ['GBK that is UTF-8 too', 'gbk', gbk('模\n'), '模\n', 'gbk'],
    ['the same', 'utf8', gbk('模\n'), 'ģ\n', 'utf8'],
    ['four bytes of GB18030', 'gbk', iconv.encode('中文 𠀀\n', 'gb18030'), '中文 𠀀\n', 'gb18030'],
    ['four bytes of GB18030', 'gb18030', iconv.encode('𠀀\n', 'gb18030'), '𠀀\n', 'gb18030'],
    [
      'Japanese in Shift_JIS',
      'shiftjis',
      iconv.encode('日本語テキスト\n', 'shiftjis'),
      '日本語テキスト\n',
      'shiftjis',
    ],
    [
      'Japanese in UTF-8',
      'shiftjis',
      Buffer.from('日本語テキスト、です\n'),
      '日本語テキスト、です\n',
      'utf8',
    ],
    [
      'Korean in EUC-KR',
      'euckr',
      iconv.encode('그런 파일이 없습니다\n', 'euckr'),
      '그런 파일이 없습니다\n',
      'euckr',
    ],
    ['Chinese in Big5', 'big5', iconv.encode('無法存取檔案\n', 'big5'), '無法存取檔案\n', 'big5'],
    ['Latin-1', 'iso88591', Buffer.of(0x64, 0xe9, 0x6a, 0xe0, 0x0a), 'déjà\n', 'iso88591'],
    ['UTF-8 that would be control characters', 'iso88591', Buffer.from('“ja”\n'), '“ja”\n', 'utf8'],
    ['a byte order mark of UTF-8', 'gbk', Buffer.from('\uFEFF模好\n'), '模好\n', 'utf8'],
    ['a byte order mark of UTF-16LE', 'gbk', Buffer.from('\uFEFF你好\n', 'utf16le'), '你好\n', 'utf16le'],
    [
      'a byte order mark of UTF-16BE',
      'utf8',
      Buffer.from('\uFEFF你好\n', 'utf16le').swap16(),
      '你好\n',
      'utf16be',
    ],
    ['ASCII alone', 'gbk', Buffer.from('plain\n'), 'plain\n', 'gbk'],
    ['nothing', 'big5', Buffer.alloc(0), '', 'big5'],
  ])(
    'takes %s on a host of %s for what it is, wherever it is cut',
    async (_what, host, bytes, text, name) => {
      expect(await detect(host, [bytes])).toEqual({ text, name, replaced: 0 });
      for (let place = 1; place < bytes.length; place++) {
        expect(await detect(host, cut(bytes, [place]))).toEqual({ text, name, replaced: 0 });
      }
      expect(
        await detect(
          host,
          [...bytes].map((byte) => Buffer.of(byte)),
        ),
      ).toEqual({ text, name, replaced: 0 });
    },
  );

  it('gives what is valid in two to the host: each of 682 characters of GB2312', async () => {
    expect(TWICE_VALID).toHaveLength(682);
    for (const character of TWICE_VALID) {
      expect((await detect('gbk', [gbk(character)])).text).toBe(character);
      expect((await detect('utf8', [gbk(character)])).text).toBe(gbk(character).toString());
    }
  });

  it('gives all 682 together, more than may be held, to the host', async () => {
    const text = TWICE_VALID.join('').repeat(4);
    expect(await detect('gbk', [gbk(text)])).toEqual({ text, name: 'gbk', replaced: 0 });
    expect((await detect('utf8', [gbk(text)])).name).toBe('utf8');
  });

  it('passes ASCII at once and is not decided by it', async () => {
    const { decoder } = await openAuto('utf8');
    const ascii = Buffer.from('x'.repeat(100_000));
    expect(decoder.write(ascii)).toBe(ascii);
    expect(Buffer.from(decoder.write(gbk('ok 你好\n'))).toString()).toBe('ok 你好\n');
    expect(decoder.receipt()).toEqual({ name: 'gb18030', source: 'detected', replaced: 0 });
  });

  it('gives the ASCII before what is held', async () => {
    const { decoder } = await openAuto('utf8');
    expect(Buffer.from(decoder.write(gbk('name: 模'))).toString()).toBe('name: ');
  });

  it('holds undecided bytes 50 ms from the first, then gives them to the host', async () => {
    const { decoder, clock } = await openAuto('utf8');
    expect(decoder.holdMs).toBeNull();
    expect(decoder.write(gbk('模'))).toHaveLength(0);
    expect(decoder.holdMs).toBe(UNDECIDED_MS);
    clock.nowMs += 30;
    expect(decoder.write(Buffer.from('!'))).toHaveLength(0);
    expect(decoder.holdMs).toBe(UNDECIDED_MS - 30);
    clock.nowMs += 20;
    expect(decoder.holdMs).toBe(0);
    expect(Buffer.from(decoder.flush()).toString()).toBe('ģ!');
    expect(decoder.holdMs).toBeNull();
    expect(decoder.flush()).toHaveLength(0);
  });

  it('does not hold longer where the timer comes late', async () => {
    const { decoder, clock } = await openAuto('utf8');
    decoder.write(gbk('模'));
    clock.nowMs += 2 * UNDECIDED_MS;
    expect(Buffer.from(decoder.write(gbk('模'))).toString()).toBe('ģģ');
  });

  it('holds no more than 4 KiB, and nothing once so much was undecided', async () => {
    const { decoder } = await openAuto('utf8');
    const piece = gbk('模'.repeat(UNDECIDED_BYTES / 4));
    expect(decoder.write(piece)).toHaveLength(0);
    expect(decoder.write(piece)).toHaveLength(0);
    expect(decoder.write(gbk('模'))).toHaveLength(UNDECIDED_BYTES + 2);
    expect(decoder.write(gbk('模'))).toHaveLength(2);
    expect(decoder.holdMs).toBeNull();
  });

  it('turns to another encoding when later bytes speak for it', async () => {
    const { decoder, clock } = await openAuto('utf8');
    decoder.write(gbk('模\n'));
    clock.nowMs += UNDECIDED_MS;
    const first = Buffer.from(decoder.flush()).toString();
    expect(decoder.receipt().name).toBe('utf8');
    const rest = Buffer.from(decoder.write(gbk('你好\n'))).toString();
    expect([first, rest]).toEqual(['ģ\n', '你好\n']);
    expect(decoder.receipt()).toEqual({ name: 'gb18030', source: 'detected', replaced: 0 });
  });

  it('loses nothing when it turns in the middle of a character', async () => {
    const { decoder } = await openAuto('utf8');
    // E4 BD may become a character of UTF-8, and is one of GBK.
    expect(decoder.write(Buffer.of(0xe4, 0xbd))).toHaveLength(0);
    expect(decoder.flush()).toHaveLength(0);
    const rest = Buffer.concat([decoder.write(gbk('\n你好\n')), decoder.end()]);
    expect(rest.toString()).toBe('浣\n你好\n');
    expect(decoder.receipt()).toEqual({ name: 'gb18030', source: 'detected', replaced: 0 });
  });

  it('comes back to UTF-8 after one character that was cut in the output itself', async () => {
    const cutOff = Buffer.concat([Buffer.from('你好').subarray(0, 5), Buffer.from('\n')]);
    const text = '没有那个文件\n或目录\n'.repeat(3);
    const found = await detect('utf8', [cutOff, ...cut(Buffer.from(text), [20, 40])]);
    expect(found.name).toBe('utf8');
    expect(found.text.endsWith(text.slice(11))).toBe(true);
  });

  it('keeps to UTF-8 with a few bytes that are no text', async () => {
    const bytes = Buffer.concat([
      Buffer.from('你好吗\n'),
      Buffer.of(0xff, 0x0a),
      Buffer.from('没有那个文件\n'),
    ]);
    expect(await detect('utf8', [bytes])).toEqual({
      text: '你好吗\n\uFFFD\n没有那个文件\n',
      name: 'utf8',
      replaced: 1,
    });
  });

  it('counts what an early end leaves incomplete', async () => {
    expect(await detect('utf8', [Buffer.from('你好吗\n你').subarray(0, -1)])).toEqual({
      text: '你好吗\n\uFFFD',
      name: 'utf8',
      replaced: 1,
    });
  });

  it('gives back held bytes that the caller has overwritten', async () => {
    const { decoder } = await openAuto('utf8');
    const own = Buffer.from('Привет');
    decoder.write(own);
    own.fill(0x21);
    expect(Buffer.from(decoder.end()).toString()).toBe('Привет');
  });

  it('holds what may become a byte order mark until that is decided, however long it takes', async () => {
    for (const [bytes, text] of [
      [Buffer.from('\uFEFF你好', 'utf16le'), '你好'],
      [Buffer.from('\uFEFF你好', 'utf16le').swap16(), '你好'],
      [Buffer.from('\uFEFF你好'), '你好'],
      [Buffer.of(0xfe, 0x41), '■A'],
      [Buffer.of(0xfe), '■'],
    ] as const) {
      const { decoder, clock } = await openAuto('cp437');
      expect(decoder.write(bytes.subarray(0, 1))).toHaveLength(0);
      expect(decoder.holdMs).toBeNull();
      clock.nowMs += UNDECIDED_MS;
      const rest = [decoder.flush(), decoder.write(bytes.subarray(1)), decoder.end()];
      expect(Buffer.concat(rest).toString()).toBe(text);
    }
  });

  it.each([
    ['gbk', '修复终端乱码问题\n'],
    ['gbk', 'fix: 模好\n'],
    ['shiftjis', '修复终端\n'],
    ['iso88591', 'é à la carte\n'],
    ['big5', '模好'],
  ])('takes a whole line of UTF-8 on a host of %s for that, and goes on so: %j', async (host, text) => {
    const bytes = Buffer.from(text);
    expect(await detect(host, [bytes])).toEqual({ text, name: 'utf8', replaced: 0 });
    for (let place = 1; place < bytes.length; place++) {
      expect((await detect(host, cut(bytes, [place]))).text).toBe(text);
    }
    const { decoder } = await openAuto(host);
    const lines = [bytes, Buffer.from('\n'), bytes].map((piece) => Buffer.from(decoder.write(piece)));
    expect(Buffer.concat([...lines, decoder.end()]).toString()).toBe(`${text}\n${text}`);
    expect(decoder.encoding().name).toBe('utf8');
  });

  it('turns back to the host with a line that is no UTF-8', async () => {
    const { decoder } = await openAuto('gbk');
    const output = [Buffer.from('修复终端\n'), gbk('中文文件\n'), gbk('中文\n')].map((piece) =>
      Buffer.from(decoder.write(piece)),
    );
    expect(Buffer.concat([...output, decoder.end()]).toString()).toBe('修复终端\n中文文件\n中文\n');
  });
});

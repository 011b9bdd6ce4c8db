import { execFileSync } from 'node:child_process';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { chooseEncoding } from '../../../src/transcode/choose-encoding.ts';
import { UNDECIDED_MS } from '../../../src/transcode/limits.ts';
import { createStreamDecoder, type StreamDecoder } from '../../../src/transcode/stream-decoder.ts';

async function open(option: string, host = 'utf8', clock = { nowMs: 0 }): Promise<StreamDecoder> {
  return createStreamDecoder(await chooseEncoding(option, host), () => clock.nowMs);
}

function decodeAll(decoder: StreamDecoder, bytes: Uint8Array): Buffer {
  return Buffer.concat([decoder.write(bytes), decoder.end()]);
}

const INVALID = Buffer.of(0x61, 0xff, 0xe4, 0xbd, 0x0a, 0xc3);

describe('a stream of output', () => {
  it('passes every byte of UTF-8 under `host`, even where it is invalid', async () => {
    const decoder = await open('host');
    expect(decoder.write(INVALID)).toBe(INVALID);
    expect(decoder.end()).toHaveLength(0);
    expect(decoder.receipt()).toEqual({ name: 'utf8', source: 'host', replaced: 0, passed: 3 });
  });

  it('is checked and counted when UTF-8 is asked for by name', async () => {
    const decoder = await open('utf-8');
    expect(decodeAll(decoder, INVALID).toString()).toBe('a\uFFFD\uFFFD\n\uFFFD');
    expect(decoder.receipt()).toEqual({ name: 'utf8', source: 'option', replaced: 3 });
  });

  it.each([
    ['utf8', Buffer.concat([Buffer.from('\uFFFDa\uFFFD'), Buffer.of(0xff)])],
    ['utf16le', Buffer.from('\uFFFDa\uFFFD\uD800', 'utf16le')],
    ['utf16be', Buffer.from('\uFFFDa\uFFFD\uD800', 'utf16le').swap16()],
    ['utf-32le', iconv.encode('\uFFFDa\uFFFD\uD800', 'utf-32le')],
    ['gb18030', Buffer.concat([iconv.encode('\uFFFDa\uFFFD', 'gb18030'), Buffer.of(0xff)])],
  ])('in %s does not count U+FFFD that the command wrote itself', async (name, bytes) => {
    const decoder = await open(name);
    expect(decodeAll(decoder, bytes).toString()).toBe('\uFFFDa\uFFFD\uFFFD');
    expect(decoder.receipt().replaced).toBe(1);
  });

  it('passes every byte under `binary`', async () => {
    const decoder = await open('binary', 'gbk');
    expect(decoder.write(INVALID)).toBe(INVALID);
    expect(decoder.receipt()).toEqual({ name: 'binary', source: 'option', replaced: 0 });
  });

  it('is in the host’s encoding under `host`', async () => {
    const decoder = await open('host', 'GBK');
    expect(decodeAll(decoder, iconv.encode('你好\n', 'gbk')).toString()).toBe('你好\n');
    expect(decoder.receipt()).toEqual({ name: 'gbk', source: 'host', replaced: 0 });
  });

  it('counts what could not be mapped', async () => {
    const decoder = await open('gbk');
    expect(decodeAll(decoder, Buffer.of(0xff, 0x41, 0x81, 0x20, 0xc4)).toString()).toBe(
      '\uFFFDA\uFFFD \uFFFD',
    );
    expect(decoder.receipt()).toEqual({ name: 'gbk', source: 'option', replaced: 3 });
  });

  it.each(['utf8', 'utf16le', 'utf16be', 'utf-16', 'utf-32'])(
    'leaves out the byte order mark of %s, and keeps it on request, wherever it is cut',
    async (name) => {
      const bytes = iconv.encode('\uFEFFa\uFEFF', name, { addBOM: false });
      for (let place = 0; place <= bytes.length; place++) {
        for (const [asked, expected] of [
          [name, 'a\uFEFF'],
          [`${name}+bom`, '\uFEFFa\uFEFF'],
        ] as const) {
          const decoder = await open(asked);
          const output = [bytes.subarray(0, place), bytes.subarray(place)].map((piece) =>
            Buffer.from(decoder.write(piece)),
          );
          expect(Buffer.concat([...output, decoder.end()]).toString()).toBe(expected);
        }
      }
    },
  );

  it('keeps what begins as a mark in encodings that have none', async () => {
    for (const name of ['gb18030', 'host', 'binary']) {
      const bytes = iconv.encode('\uFEFFa', name === 'gb18030' ? name : 'utf8', { addBOM: false });
      expect(decodeAll(await open(name), bytes).toString()).toBe('\uFEFFa');
    }
  });

  it('counts what is not UTF-8 on a host of it, and passes it; of what is no text nothing', async () => {
    const text = createStreamDecoder(await chooseEncoding('host', 'utf8'), () => 0);
    expect(text.write(Buffer.of(0x61, 0xc4))).toEqual(Buffer.of(0x61, 0xc4));
    expect(text.write(Buffer.of(0xe3, 0x0a))).toEqual(Buffer.of(0xe3, 0x0a));
    text.end();
    expect(text.receipt()).toEqual({ name: 'utf8', source: 'host', replaced: 0, passed: 2 });
    const archive = createStreamDecoder(await chooseEncoding('host', 'utf8'), () => 0);
    archive.write(Buffer.of(0xff, 0x41));
    archive.write(Buffer.of(0xff, 0x00));
    expect(archive.receipt()).toEqual({ name: 'utf8', source: 'host', replaced: 0 });
  });

  it('returns the bytes themselves where they are ASCII', async () => {
    const ascii = Buffer.from('total 0\n');
    for (const name of ['gbk', 'gb18030', 'shiftjis', 'big5', 'eucjp', 'euckr', 'cp866', 'utf8']) {
      expect((await open(name)).write(ascii)).toBe(ascii);
    }
  });

  it('keeps no byte of what it was given: a reader may use its buffer again', async () => {
    for (const [name, text] of [
      ['gbk', '你好'],
      ['utf8', '你好'],
      ['utf16le', '你好'],
      ['utf-32le', '你好'],
      ['utf-16', '你好'],
    ] as const) {
      const decoder = await open(name);
      const bytes = iconv.encode(text, name, { addBOM: false });
      const buffer = Buffer.alloc(1);
      const output = [...bytes].map((byte) => {
        buffer.fill(byte);
        const text1 = Buffer.from(decoder.write(buffer));
        buffer.fill(0x21);
        return text1;
      });
      expect(Buffer.concat([...output, decoder.end()]).toString()).toBe(text);
    }
  });

  it('does not hold a byte that can begin nothing', async () => {
    for (const name of ['gbk', 'gb18030', 'big5', 'euckr', 'utf8']) {
      const decoder = await open(name);
      expect(Buffer.from(decoder.write(Buffer.of(0x61, 0xff))).toString()).toBe('a\uFFFD');
    }
  });

  it('shares nothing with another one', async () => {
    const choice = await chooseEncoding('gbk', 'utf8');
    const [stdout, stderr] = [createStreamDecoder(choice, () => 0), createStreamDecoder(choice, () => 0)];
    const [first, second] = [...iconv.encode('你', 'gbk')];
    expect(stdout.write(Buffer.of(first ?? 0))).toHaveLength(0);
    expect(Buffer.from(stderr.write(Buffer.from('ok'))).toString()).toBe('ok');
    expect(Buffer.from(stdout.write(Buffer.of(second ?? 0))).toString()).toBe('你');
  });

  it('holds UTF-16 without a byte order no longer than 50 ms', async () => {
    const clock = { nowMs: 0 };
    const decoder = await open('utf-16', 'utf8', clock);
    expect(decoder.write(Buffer.from('ok\n', 'utf16le').swap16())).toHaveLength(0);
    expect(decoder.holdMs).toBe(UNDECIDED_MS);
    expect(Buffer.from(decoder.flush()).toString()).toBe('ok\n');
    expect(decoder.holdMs).toBeNull();
  });

  it('refuses a name that nobody knows', async () => {
    await expect(chooseEncoding('klingon', 'utf8')).rejects.toMatchObject({ code: 'ENCODING_UNKNOWN' });
  });

  it("passes bytes as they are where the host's charset is not known", async () => {
    const decoder = createStreamDecoder(await chooseEncoding('host', 'klingon'), () => 0);
    expect(decoder.write(Buffer.of(0xff, 0x41))).toEqual(Buffer.of(0xff, 0x41));
    expect(decoder.receipt()).toEqual({ name: 'binary', source: 'host', replaced: 0 });
  });

  it('does without iconv-lite in UTF-8 and in bytes', () => {
    const script = `
      import { createRequire } from 'node:module';
      import { chooseEncoding } from './src/transcode/choose-encoding.ts';
      import { createStreamDecoder } from './src/transcode/stream-decoder.ts';
      import { createStreamEncoder } from './src/transcode/stream-encoder.ts';
      const isLoaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('iconv-lite'));
      for (const option of ['host', 'utf-8', 'binary']) {
        const choice = await chooseEncoding(option, 'utf8');
        createStreamDecoder(choice, Date.now).write(Buffer.from([0x61, 0xff]));
        createStreamEncoder(choice, 'cancel').write(Buffer.from('é'));
      }
      const before = isLoaded();
      await chooseEncoding('gbk', 'utf8');
      console.log(before, isLoaded());`;
    const output = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
      encoding: 'utf8',
    });
    expect(output).toBe('false true\n');
  });
});

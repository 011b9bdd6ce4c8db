import { isAscii, isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { chooseEncoding } from '../../../src/transcode/choose-encoding.ts';
import { UNDECIDED_BYTES } from '../../../src/transcode/limits.ts';
import { createStreamDecoder } from '../../../src/transcode/stream-decoder.ts';
import { cut, decodeByIconv } from '../../unit/transcode/oracle.ts';

const HOSTS = ['utf8', 'gbk', 'gb18030', 'big5', 'shiftjis', 'euckr', 'iso88591', 'cp437'];

/** Where a stream is cut, and how long each piece lets the next one wait. */
const pieces = fc.array(fc.record({ end: fc.nat(300), waitMs: fc.constantFrom(0, 0, 10, 60) }), {
  maxLength: 12,
});
type Pieces = typeof pieces extends fc.Arbitrary<infer T> ? T : never;

function run(choice: Awaited<ReturnType<typeof chooseEncoding>>, bytes: Uint8Array, plan: Pieces) {
  let nowMs = 0;
  const decoder = createStreamDecoder(choice, () => nowMs);
  const output: Uint8Array[] = [];
  for (const [index, piece] of cut(
    bytes,
    plan.map(({ end }) => end),
  ).entries()) {
    output.push(decoder.write(piece));
    const waitMs = plan[index]?.waitMs ?? 0;
    nowMs += waitMs;
    if (decoder.holdMs === 0) output.push(decoder.flush());
  }
  output.push(decoder.end());
  expect(decoder.holdMs).toBeNull();
  return { text: Buffer.concat(output).toString(), receipt: decoder.receipt() };
}

const common = fc.constantFrom(
  '你好',
  '文件',
  '模',
  'é',
  'Привет',
  'ok\n',
  ' ',
  '1',
  '\n',
  '日本語',
  '파일',
  '“',
  '。',
);
const texts = fc.array(fc.oneof(common, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 40 });

function isUtf8Too(bytes: Buffer): boolean {
  return isUtf8(bytes) && !isAscii(bytes);
}

describe('auto', () => {
  it.each(HOSTS.filter((name) => name !== 'iso88591'))(
    'never takes a text of its host, %s, for anything else',
    async (host) => {
      const choice = await chooseEncoding('auto', host);
      fc.assert(
        fc.property(texts, pieces, (parts, plan) => {
          const bytes = iconv.encode(parts.join('').toWellFormed(), host);
          const marks = ['\uFEFF', 'ÿþ', 'þÿ'];
          const { text } = decodeByIconv(bytes, host);
          fc.pre(!marks.some((mark) => text.startsWith(mark)) && ![0xfe, 0xff, 0xef].includes(bytes[0] ?? 0));
          // A whole line that is UTF-8 too is taken for that
          fc.pre(host === 'utf8' || !text.split('\n').some((line) => isUtf8Too(iconv.encode(line, host))));
          expect(run(choice, bytes, plan).text).toBe(text);
        }),
        { numRuns: 300 },
      );
    },
  );

  it.each(HOSTS)('on a host of %s counts each U+FFFD that it writes, of any bytes', async (host) => {
    const choice = await chooseEncoding('auto', host);
    const bytes = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        texts.map((parts) => Buffer.from(parts.join(''))),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(bytes, pieces, (parts, plan) => {
        const all = Buffer.concat(parts);
        fc.pre(
          !all.includes('\uFFFD') &&
            !all.includes(Buffer.of(0x84, 0x31, 0xa4, 0x37)) &&
            !all.includes(Buffer.of(0xfd, 0xff)) &&
            !all.includes(Buffer.of(0xff, 0xfd)),
        );
        const { text, receipt } = run(choice, all, plan);
        expect(receipt.replaced).toBe(text.split('\uFFFD').length - 1);
      }),
      { numRuns: 300 },
    );
  });

  it.each(HOSTS)('on a host of %s never holds more than 4 KiB', async (host) => {
    const choice = await chooseEncoding('auto', host);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 8 }), (parts) => {
        const decoder = createStreamDecoder(choice, () => 0);
        let given = 0;
        let taken = 0;
        for (const part of parts) {
          taken += part.length;
          given += decoder.write(part).length;
          // No character gets shorter by more than half on its way to UTF-8 (four bytes of GB18030 to two).
          expect(taken - 2 * given).toBeLessThanOrEqual(UNDECIDED_BYTES + 3);
        }
      }),
      { numRuns: 100 },
    );
  });
});

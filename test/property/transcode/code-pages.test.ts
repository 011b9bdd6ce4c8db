import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { createByteDecoder } from '../../../src/transcode/create-byte-decoder.ts';
import { resolveEncoding } from '../../../src/transcode/encoding.ts';
import {
  DOUBLE_BYTE,
  decodeByIconv,
  decodeByOurs,
  decodePieces,
  judged,
} from '../../unit/transcode/oracle.ts';

iconv.getCodec('utf8');
const ALL_SINGLE_BYTE = Object.entries(iconv.encodings ?? {})
  .filter(([, definition]) => typeof definition === 'object' && definition.type === '_sbcs')
  .map(([name]) => name);
const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

describe('the whole code page', () => {
  it('knows every single-byte encoding of iconv-lite', () => {
    expect(ALL_SINGLE_BYTE.length).toBeGreaterThan(60);
  });

  it.each(ALL_SINGLE_BYTE)('of %s is what iconv-lite has', async (name) => {
    const bytes = Buffer.from(BYTES);
    expect(await decodeByOurs([bytes], name)).toEqual(decodeByIconv(bytes, name));
    for (const byte of BYTES) {
      expect(await decodeByOurs([Buffer.of(byte)], name)).toEqual(decodeByIconv(Buffer.of(byte), name));
    }
  });

  // Each pair is followed by ASCII, so that what it leaves open becomes visible.
  it.each(DOUBLE_BYTE)('of %s, all pairs of bytes, is what iconv-lite has', async (name) => {
    for (const first of BYTES) {
      const bytes = Buffer.from(BYTES.flatMap((second) => [first, second, 0x41, 0x0a]));
      expect(await decodeByOurs([bytes], name)).toEqual(decodeByIconv(bytes, name));
    }
  });

  it.each(DOUBLE_BYTE)('of %s is the same byte by byte', async (name) => {
    const bytes = Buffer.from(BYTES.flatMap((first) => [first, (first * 7) & 0xff, 0x41, first, 0x0a]));
    const pieces = [...bytes].map((byte) => Buffer.of(byte));
    expect(await decodeByOurs(pieces, name)).toEqual(decodeByIconv(bytes, name));
  });

  it.each(DOUBLE_BYTE)('of %s, every pair at the end, is what iconv-lite has', async (name) => {
    const encoding = await resolveEncoding(name);
    const differing = BYTES.flatMap((first) => BYTES.map((second) => Buffer.of(first, second))).filter(
      (bytes) => {
        const ours = decodePieces(createByteDecoder(encoding), [bytes]);
        const theirs = decodeByIconv(bytes, name);
        return ours.text !== theirs.text || ours.replaced !== theirs.replaced;
      },
    );
    expect(differing).toEqual([]);
  });

  it('of EUC-JP with three bytes is what iconv-lite has', async () => {
    for (const second of BYTES) {
      const bytes = Buffer.from(BYTES.flatMap((third) => [0x8f, second, third, 0x0a]));
      expect(await decodeByOurs([bytes], 'eucjp')).toEqual(decodeByIconv(bytes, 'eucjp'));
    }
  });

  it('of GB18030 with four bytes, all 1,587,600, is what iconv-lite has', async () => {
    const encoding = await resolveEncoding('gb18030');
    for (let first = 0x81; first <= 0xfe; first++) {
      for (let second = 0x30; second <= 0x39; second++) {
        const bytes = Buffer.alloc(4 * 1260);
        for (let code = 0; code < 1260; code++) {
          bytes.set([first, second, 0x81 + Math.floor(code / 10), 0x30 + (code % 10)], 4 * code);
        }
        const ours = decodePieces(createByteDecoder(encoding), [bytes]);
        const theirs = decodeByIconv(bytes, 'gb18030');
        expect(ours).toMatchObject(judged(theirs));
      }
    }
  });

  it('of GB18030 writes U+FFFD itself without counting it', async () => {
    const bytes = Buffer.of(0x84, 0x31, 0xa4, 0x37, 0xff);
    expect(await decodeByOurs([bytes], 'gb18030')).toEqual({ text: '\uFFFD\uFFFD', replaced: 1 });
  });
});

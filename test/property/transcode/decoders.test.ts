import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { createByteDecoder } from '../../../src/transcode/create-byte-decoder.ts';
import { resolveEncoding } from '../../../src/transcode/encoding.ts';
import {
  cut,
  type Decoded,
  DOUBLE_BYTE,
  decodeByIconv,
  decodePieces,
  judged,
  SINGLE_BYTE,
  WIDE,
} from '../../unit/transcode/oracle.ts';

/** What iconv-lite drops of these without a word is U+FFFD here. */
const UTF7 = ['utf-7', 'utf-7-imap'];
const EXACT = [...DOUBLE_BYTE, ...SINGLE_BYTE, ...WIDE, 'utf8'];
const ENCODINGS = [...EXACT, ...UTF7];

/** Bytes that begin, end and break characters in many encodings. */
const TELLING = [
  0x26, 0x2b, 0x2d, 0x30, 0x41, 0x5c, 0x80, 0x81, 0x8e, 0x8f, 0xa1, 0xa2, 0xbd, 0xe4, 0xed, 0xef, 0xfe, 0xff,
];

/** Bytes as they come by: any at all, telling ones, and runs of ASCII between. */
const hostileBytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.constantFrom(...TELLING), { maxLength: 30 }),
      fc.array(fc.integer({ min: 0x20, max: 0x7e }), { maxLength: 30 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

const places = fc.array(fc.nat(300), { maxLength: 12 });

/** iconv-lite drops half a unit of UTF-16 at the end; ours tells it. */
function withLostUnit(theirs: Decoded, name: string, sizeBytes: number): Decoded {
  if (!name.startsWith('utf16') && name !== 'utf-16') return theirs;
  const lost = sizeBytes % 2;
  return { text: theirs.text + '\uFFFD'.repeat(lost), replaced: theirs.replaced + lost };
}

describe('decoding in pieces', () => {
  it.each(EXACT)('of %s makes of any bytes the text and the count of iconv-lite', async (name) => {
    const encoding = await resolveEncoding(name);
    fc.assert(
      fc.property(hostileBytes, places, (bytes, ends) => {
        const theirs = withLostUnit(decodeByIconv(bytes, name), name, bytes.length);
        const ours = decodePieces(createByteDecoder(encoding), cut(bytes, ends));
        // The judge can't tell U+FFFD that was written in GB18030, nor the byte order of UTF-32.
        expect(ours).toMatchObject(name === 'utf-32' ? { text: theirs.text } : judged(theirs));
      }),
      { numRuns: 400 },
    );
  });

  it.each(UTF7)(
    'of %s makes of any bytes what the whole is, the text of iconv-lite, and marks of what lacks',
    async (name) => {
      const encoding = await resolveEncoding(name);
      const withoutMarks = (text: string): string => text.toWellFormed().replaceAll('\uFFFD', '');
      const countMarks = (text: string): number => text.split('\uFFFD').length - 1;
      fc.assert(
        fc.property(hostileBytes, places, (bytes, ends) => {
          const ours = decodePieces(createByteDecoder(encoding), cut(bytes, ends));
          const whole = decodePieces(createByteDecoder(encoding), [bytes]);
          const theirs = iconv.decode(Buffer.from(bytes), name, { stripBOM: false });
          expect(ours).toEqual(whole);
          expect(withoutMarks(ours.text)).toBe(withoutMarks(theirs));
          // U+FFFD can be written in these: a mark of theirs may be text
          expect(ours.replaced).toBeLessThanOrEqual(countMarks(ours.text));
          expect(ours.replaced).toBeGreaterThanOrEqual(countMarks(ours.text) - countMarks(theirs));
        }),
        { numRuns: 400 },
      );
    },
  );

  it.each(ENCODINGS)('of %s gives back any text that the encoding has', async (name) => {
    const encoding = await resolveEncoding(name);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), places, (any, ends) => {
        const bytes = iconv.encode(any.toWellFormed(), name);
        const { text, replaced } = decodePieces(createByteDecoder(encoding), cut(bytes, ends));
        expect(text).toBe(decodeByIconv(bytes, name).text);
        expect(replaced === 0 || text !== any || any.includes('\uFFFD')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

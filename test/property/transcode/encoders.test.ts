import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { RexaError } from '../../../src/protocol/errors.ts';
import { chooseEncoding } from '../../../src/transcode/choose-encoding.ts';
import { encodeText } from '../../../src/transcode/encode-text.ts';
import { type Encoding, resolveEncoding } from '../../../src/transcode/encoding.ts';
import { createStreamEncoder } from '../../../src/transcode/stream-encoder.ts';
import { cut, DOUBLE_BYTE, decodeByIconv, SINGLE_BYTE, WIDE } from '../../unit/transcode/oracle.ts';

/** Texts of what the encodings have, what some lack, and what Big5 has codes for together. */
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 10 }),
      fc.constantFrom(
        '你好',
        '日本語',
        'ｶﾞ',
        '파일',
        'файл',
        'é',
        '?',
        'Ê',
        'ê',
        'Ê̄',
        'ê̌',
        '\u0304',
        '€',
        '😀',
        '\uFFFD',
        'a',
      ),
    ),
    { maxLength: 30 },
  )
  // Ours also finds the form that an encoding has, which iconv-lite does not: composed, or of the same code.
  .map((parts) => parts.join('').toWellFormed().normalize('NFC'))
  .filter(
    (text) =>
      !/[\u00A2\u00A3\u00A6\u00AC\u00AF\u2014-\u2016\u2022\u203E\u2212\u2225\u223C\u301C\u30FB\uFF0D\uFF0F\uFF3C\uFF5E\uFFE0-\uFFE4]/.test(
        text,
      ),
  );

const places = fc.array(fc.nat(200), { maxLength: 10 });

describe('encoding in pieces', () => {
  it.each([...DOUBLE_BYTE, ...WIDE])('in %s writes what its codec writes of the whole', async (name) => {
    const choice = await chooseEncoding(name, 'utf8');
    const encoding = await resolveEncoding(name);
    // iconv-lite itself has supersets of some charsets
    const writeWhole = (text: string): Buffer =>
      Buffer.from(
        'iconv' in encoding ? encoding.iconv.encode(text, encoding.codec) : iconv.encode(text, name),
      );
    fc.assert(
      fc.property(texts, places, (text, ends) => {
        // Of nothing, ours writes not even a byte order mark.
        fc.pre(text !== '');
        const encoder = createStreamEncoder(choice, 'replace');
        const output = cut(Buffer.from(text), ends).map((piece) => encoder.write(piece).bytes);
        expect(Buffer.concat([...output, encoder.end().bytes])).toEqual(writeWhole(text));
      }),
      { numRuns: 300 },
    );
  });

  it.each([...DOUBLE_BYTE, ...SINGLE_BYTE])(
    'in %s counts each character that does not come back',
    async (name) => {
      const choice = await chooseEncoding(name, 'utf8');
      const encoding = await resolveEncoding(name);
      fc.assert(
        fc.property(texts, places, (text, ends) => {
          const encoder = createStreamEncoder(choice, 'replace');
          const output = cut(Buffer.from(text), ends).map((piece) => encoder.write(piece).bytes);
          const back = decodeByIconv(Buffer.concat([...output, encoder.end().bytes]), name).text;
          const isExact = back === text;
          // A yen sign is written as a backslash in Japanese encodings, which iconv-lite does not tell.
          fc.pre(isExact || !/[¥‾]/.test(text));
          // GB18030 of 2022 has codes for some of the private use area, which iconv-lite does not tell either.
          fc.pre(isExact || name !== 'gb18030' || !/\p{Co}/u.test(text));
          expect(encoder.replaced() === 0).toBe(isExact);
          expect(tryToEncode(text, encoding)).toBe(isExact ? text : 'UNMAPPABLE');
        }),
        { numRuns: 300 },
      );
    },
  );
});

/** What comes back of an argument, or the code of its refusal. */
function tryToEncode(text: string, encoding: Encoding): string {
  try {
    const bytes = Buffer.from(encodeText(text, encoding, 'argument 1'));
    return decodeByIconv(bytes, encoding.name).text;
  } catch (error) {
    return error instanceof RexaError ? error.code : String(error);
  }
}

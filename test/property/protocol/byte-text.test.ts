import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readByteText, writeByteText } from '../../../src/protocol/byte-text.ts';
import { describeWord, readWord, writeWord } from '../../../src/protocol/word.ts';

/** Bytes among which characters, halves of characters and bytes of no character are all likely. */
const mixed = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.string({ unit: 'binary', maxLength: 4 }).map((text) => Buffer.from(text)),
      fc
        .string({ unit: 'binary', minLength: 1, maxLength: 1 })
        .map((text) => Buffer.from(text).subarray(0, -1)),
      fc.constantFrom(...['c0af', 'eda080', 'edb2a0', 'f0808080', 'f4908080', 'f5', 'e080'].map(fromHex)),
    ),
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

function fromHex(digits: string): Uint8Array {
  return Buffer.from(digits, 'hex');
}

describe('byte text', () => {
  it('stands for exactly the bytes that it was read from', () => {
    fc.assert(
      fc.property(mixed, (bytes) => {
        expect(writeByteText(readByteText(bytes))).toEqual(bytes);
      }),
    );
  });

  it('is the text itself where the bytes are UTF-8, and no text where they are not', () => {
    fc.assert(
      fc.property(mixed, (bytes) => {
        const text = readByteText(bytes);
        expect(text.isWellFormed()).toBe(isUtf8(bytes));
        if (isUtf8(bytes)) expect(text).toBe(Buffer.from(bytes).toString());
      }),
    );
  });

  it('may be cut and joined at ASCII as bytes are', () => {
    fc.assert(
      fc.property(mixed, mixed, (left, right) => {
        const joined = Buffer.concat([left, Buffer.from('='), right]);
        expect(`${readByteText(left)}=${readByteText(right)}`).toBe(readByteText(joined));
      }),
    );
  });
});

describe('a word in JSON', () => {
  it('comes back as it was', () => {
    const words = fc.oneof(mixed, fc.string());
    fc.assert(
      fc.property(words, (word) => {
        expect(readWord(JSON.parse(JSON.stringify(writeWord(word))) as ReturnType<typeof writeWord>)).toEqual(
          word,
        );
        expect(describeWord(word).isWellFormed()).toBe(typeof word !== 'string' || word.isWellFormed());
      }),
    );
  });
});

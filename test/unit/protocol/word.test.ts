import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { describeWord, readWord, type Word, writeWord } from '../../../src/protocol/word.ts';
import { wireWordSchema } from '../../../src/protocol/word-schema.ts';

describe('a word of a command', () => {
  it.each<[Word, unknown]>([
    ['', ''],
    ['é', 'é'],
    [new Uint8Array(0), { hex: '' }],
    [Uint8Array.of(0, 9, 0xa0, 0xff), { hex: '0009a0ff' }],
  ])('%j goes through JSON as it is', (word, wire) => {
    expect(writeWord(word)).toEqual(wire);
    expect(readWord(v.parse(wireWordSchema, JSON.parse(JSON.stringify(wire))))).toEqual(word);
  });

  it.each([1, null, {}, { hex: 'f' }, { hex: 'FF' }, { hex: 'zz' }, { hex: '00', more: 1 }])(
    'is not read from %j',
    (wire) => {
      expect(v.is(wireWordSchema, wire)).toBe(false);
    },
  );

  it.each<[Word, string]>([
    ['a\xff', 'a\xff'],
    [Buffer.from('é'), 'é'],
    [Uint8Array.of(0x61, 0xe9), 'a\\xe9'],
  ])('%j is described in messages as text where it is text', (word, text) => {
    expect(describeWord(word)).toBe(text);
  });
});

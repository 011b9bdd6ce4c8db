import { describe, expect, it } from 'vitest';
import { MAX_SHELL_RECORD_BYTES } from '../../../../src/cli/limits.ts';
import { createRecordFilter } from '../../../../src/cli/line-shell/host/record-filter.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
const MARK = `\x1e${TOKEN}`;

/** Gives the filter the chunks, one after the other, and puts together what passes. */
function filter(chunks: readonly (string | Uint8Array)[]): { text: string; records: string[] } {
  const records: string[] = [];
  const passed: Uint8Array[] = [];
  const stream = createRecordFilter(TOKEN);
  for (const chunk of chunks) {
    const taken = stream.take(Buffer.from(chunk));
    // What was given away must not change when the next chunk comes
    passed.push(Buffer.from(taken.bytes));
    records.push(...taken.records);
  }
  passed.push(stream.flush());
  return { text: Buffer.concat(passed).toString('latin1'), records };
}

const CASES = [
  ['a text without records', 'one\ntwo\x1bthree', 'one\ntwo\x1bthree', []],
  ['a record between two texts', `one${MARK}ended 0${MARK}two`, 'onetwo', ['ended 0']],
  ['two records, one behind the other', `${MARK}a${MARK}${MARK}b${MARK}`, '', ['a', 'b']],
  ['an empty record', `x${MARK}${MARK}y`, 'xy', ['']],
  ['record separators that belong to the command', 'a\x1e\x1eb\x1e', 'a\x1e\x1eb\x1e', []],
  ['most of a mark', `a${MARK.slice(0, -1)}b`, `a${MARK.slice(0, -1)}b`, []],
  ['a mark behind most of one', `${MARK.slice(0, 9)}${MARK}r${MARK}`, MARK.slice(0, 9), ['r']],
  ['the token without its lead', `a${TOKEN}b`, `a${TOKEN}b`, []],
  ['a record with line ends', `${MARK}rest a\nb\n${MARK}`, '', ['rest a\nb\n']],
  ['a text that ends with most of a mark', `a${MARK.slice(0, 5)}`, `a${MARK.slice(0, 5)}`, []],
  ['a record without its end', `a${MARK}half`, 'a', []],
] as const;

describe('the filter of records', () => {
  it.each(CASES)('handles %s, in one piece', (_, input, text, records) => {
    expect(filter([input])).toEqual({ text, records });
  });

  it.each(CASES)('handles %s, cut at every byte', (_, input, text, records) => {
    const bytes = Buffer.from(input);
    for (let at = 0; at <= bytes.length; at++) {
      expect(filter([bytes.subarray(0, at), bytes.subarray(at)])).toEqual({ text, records });
    }
    expect(filter(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual({ text, records });
  });

  it('holds nothing back of a text that a person could wait for', () => {
    const stream = createRecordFilter(TOKEN);
    for (const text of ['Password: ', '0', '0123', TOKEN, '中']) {
      expect(Buffer.from(stream.take(Buffer.from(text)).bytes).toString()).toBe(text);
    }
  });

  it('passes every byte value as it is', () => {
    const bytes = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
    expect(filter([bytes]).text).toBe(Buffer.from(bytes).toString('latin1'));
  });

  it('takes nothing of a record that is too long to be one of ours', () => {
    const stream = createRecordFilter(TOKEN);
    stream.take(Buffer.from(MARK));
    stream.take(Buffer.alloc(MAX_SHELL_RECORD_BYTES + 1, 'x'));
    expect(stream.take(Buffer.from(`y${MARK}after`))).toEqual({ bytes: Buffer.from('after'), records: [''] });
  });
});

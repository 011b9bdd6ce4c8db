import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { LINE_START_BYTES } from '../../../src/supervisor/limits.ts';
import { createLineStart } from '../../../src/supervisor/spool/line-start.ts';

describe('the start of a line that is read from its middle', () => {
  it.each([
    ['gbk', '第一行\n第二行', '第二行'],
    ['shiftjis', '表\nソ能表', 'ソ能表'],
    ['gbk', '第二行', '第二行'],
    ['utf8', '一\n', ''],
    ['utf16le', '第一上\n上上上', '上上上'],
    ['utf16be', '第一上\n上\u0A0A上', '上\u0A0A上'],
    ['utf32le', '第一\n上', '上'],
    ['utf32be', '第一\n上', '上'],
  ])('is found in %s wherever the output is cut: %j', (encoding, text, expected) => {
    const bytes = iconv.encode(text, encoding, { addBOM: false });
    for (let place = 0; place <= bytes.length; place++) {
      const start = createLineStart();
      start.skip(bytes.subarray(0, place), 0);
      start.skip(bytes.subarray(place), place);
      expect(iconv.decode(Buffer.from(start.take()), encoding)).toBe(expected);
    }
  });

  it('is not given twice, and not behind a gap', () => {
    const start = createLineStart();
    start.skip(Buffer.from('one\ntwo'), 0);
    start.skip(Buffer.from('three'), 20);
    expect(start.take()).toHaveLength(0);
    start.skip(Buffer.from('\nfour'), 25);
    expect(Buffer.from(start.take()).toString()).toBe('four');
    expect(start.take()).toHaveLength(0);
  });

  it('is given up in a line that is too long', () => {
    const start = createLineStart();
    start.skip(Buffer.from('first'), 0);
    start.skip(Buffer.alloc(LINE_START_BYTES, 'x'), 5);
    expect(start.take()).toHaveLength(0);
  });
});

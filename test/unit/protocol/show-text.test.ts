import { describe, expect, it } from 'vitest';
import { escapeJson, showText } from '../../../src/protocol/show-text.ts';

describe('text from the other side, shown', () => {
  it.each([
    ['plain text', 'ls: 找不到 “x”', 'ls: 找不到 “x”'],
    ['an escape sequence', '\u001b[2J\u001b]0;title\u0007', '\\x1b[2J\\x1b]0;title\\x07'],
    ['a C1 sequence', '\u009b31m', '\\x9b31m'],
    ['NUL and DEL', 'a\u0000b\u007f', 'a\\x00b\\x7f'],
    ['line ends', 'a\r\nb\u0085c', 'a\\x0d\\x0ab\\x85c'],
    ['line separators', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['bidirectional overrides', '\u202egpj.exe', '\\u202egpj.exe'],
    ['bidirectional isolates', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['bidirectional marks', '\u200ea\u200fb\u061c', '\\u200ea\\u200fb\\u061c'],
    ['invisible characters', 'a\u200bb\u00adc\ufeffd\u2060', 'a\\u200bb\\xadc\\ufeffd\\u2060'],
    ['invisible tags', 'a\u{e0041}', 'a\\u{e0041}'],
    ['half a surrogate pair', 'a\ud83d', 'a\\ud83d'],
    ['a whole one', '🙂', '🙂'],
    ['joiners, which words are spelt with', 'می\u200cخواهم', 'می\u200cخواهم'],
  ])('has nothing that steers a terminal: %s', (_name, text, shown) => {
    expect(showText(text)).toBe(shown);
  });

  it('is cut when it is long', () => {
    expect(showText('x'.repeat(400))).toBe('x'.repeat(400));
    expect(showText('x'.repeat(401))).toBe(`${'x'.repeat(400)}…`);
  });

  it('has no half character where it is cut', () => {
    expect(showText(`${'x'.repeat(399)}🙂🙂`)).toBe(`${'x'.repeat(399)}\\ud83d…`);
  });
});

describe('a line of JSON', () => {
  it.each([
    ['\u009b[31m', '"\\u009b[31m"'],
    ['a\u202eb', '"a\\u202eb"'],
    ['\u{e0001}', '"\\udb40\\udc01"'],
    ['\u2028', '"\\u2028"'],
    ['\u001b[2J\n', '"\\u001b[2J\\n"'],
    ['你好 \u200d é', '"你好 \u200d é"'],
  ])('keeps its meaning and steers no terminal: %j', (text, shown) => {
    const escaped = escapeJson(`${JSON.stringify(text)}\n`);
    expect([escaped, JSON.parse(escaped)]).toEqual([`${shown}\n`, text]);
  });
});

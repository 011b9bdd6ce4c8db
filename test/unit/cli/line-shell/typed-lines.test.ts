import { describe, expect, it } from 'vitest';
import { createKeyDecoder } from '../../../../src/cli/line-shell/editor/keys.ts';
import { typeByKey } from '../../../../src/cli/line-shell/terminal/typed-lines.ts';

/** What typing leaves: the line that is being typed, what was shown, what was sent, what else was asked for. */
function type(typed: string) {
  const decoder = createKeyDecoder();
  const found = { text: '', echo: '', sent: '', actions: [] as string[] };
  for (const character of Array.from(typed)) {
    for (const key of decoder.take(character)) {
      const step = typeByKey(found.text, key);
      found.text = step.text;
      found.echo += step.echo;
      found.sent += step.sent;
      if (step.action !== 'none') found.actions.push(step.action);
    }
  }
  return found;
}

describe('what is typed while a command runs', () => {
  it.each([
    ['a line', 'abc\r', { text: '', echo: 'abc\r\n', sent: 'abc\n' }],
    ['half a line', 'abc', { text: 'abc', echo: 'abc', sent: '' }],
    ['a mistake', 'ab\x7fc\r', { text: '', echo: 'ab\b \bc\r\n', sent: 'ac\n' }],
    ['a mistake in wide characters', '中文\x7f\r', { text: '', echo: '中文\b\b  \b\b\r\n', sent: '中\n' }],
    ['Backspace at the start', '\x7f\r', { text: '', echo: '\r\n', sent: '\n' }],
    ['Ctrl-W', 'a bc\x17d\r', { text: '', echo: 'a bc\b\b  \b\bd\r\n', sent: 'a d\n' }],
    ['Ctrl-U', 'abc\x15\r', { text: '', echo: 'abc\b\b\b   \b\b\b\r\n', sent: '\n' }],
    ['a control', '\t\r', { text: '', echo: '    \r\n', sent: '\t\n' }],
    ['an arrow', 'a\x1b[Ab\r', { text: '', echo: 'ab\r\n', sent: 'ab\n' }],
    [
      'a paste of lines',
      'x\x1b[200~a\nb\nc\x1b[201~\r',
      { text: '', echo: 'xa\r\nb\r\nc\r\n', sent: 'xa\nb\nc\n' },
    ],
    ['Ctrl-D within a line', 'ab\x04', { text: '', echo: 'ab', sent: 'ab' }],
  ])('is sent by lines: %s', (_, typed, expected) => {
    expect(type(typed)).toEqual({ ...expected, actions: [] });
  });

  it.each([
    ['Ctrl-C', 'ab\x03', '^C', 'interrupt'],
    ['Ctrl-\\', '\x1c', '^\\', 'quit'],
    ['Ctrl-D in an empty line', '\x04', '', 'end-of-input'],
    ['Ctrl-Z', '\x1a', '', 'suspend'],
  ])('asks for more: %s', (_, typed, echo, action) => {
    const found = type(typed);
    expect([found.echo.endsWith(echo), found.sent, found.actions]).toEqual([true, '', [action]]);
  });

  it('forgets the line that an interrupt takes', () => {
    expect(type('ab\x03').text).toBe('');
  });
});

import { describe, expect, it } from 'vitest';
import { createCursorQuestion } from '../../../../src/cli/terminal/cursor-question.ts';
import { createEscapeReader } from '../../../../src/cli/terminal/escapes.ts';
import { createOwnOutput } from '../../../../src/cli/terminal/own-output.ts';
import { createModeTracker } from '../../../../src/cli/terminal/terminal-modes.ts';

describe('what rexa writes itself on a terminal', () => {
  it.each([
    ['an OSC', '\x1b]52;c;AAAA', '\x07'],
    ['a DCS', '\x1bPq#0;2', '\x1b\\'],
    ['an APC', '\x1b_Gf=100;AAAA', '\x1b\\'],
    ['a sequence', '\x1b[38;5', 'm'],
    ['a character', '\xe4\xbd', '\xa0'],
  ])('waits for the end of %s', (_what, begin, end) => {
    let shown = '';
    const modes = createModeTracker();
    const own = createOwnOutput(modes, (text) => {
      shown += text;
    });
    const write = (text: string): void => {
      modes.take(Buffer.from(text, 'latin1'));
      shown += text;
      own.handleWritten();
    };
    write(begin);
    own.write('<ours>');
    own.write('<more>');
    expect(shown).toBe(begin);
    write(end);
    expect(shown).toBe(`${begin}${end}<ours><more>`);
    write(begin);
    own.write('<last>');
    own.flush();
    expect(shown.endsWith(`${begin}<last>`)).toBe(true);
  });
});

describe('the answer of a terminal', () => {
  it('is taken out of the keys, also when it comes late', async () => {
    const cursor = createCursorQuestion();
    expect(cursor.take(Buffer.from('\x1b[1;2R')).toString()).toBe('\x1b[1;2R');
    const asked = cursor.ask();
    expect(Buffer.from(cursor.take(Buffer.from('a'))).toString()).toBe('a');
    expect(Buffer.from(cursor.take(Buffer.from('b\x1b[12;34Rc'))).toString()).toBe('bc');
    expect(await asked).toEqual({ row: 12, column: 34 });
    expect(cursor.take(Buffer.from('\x1b[1;2R')).toString()).toBe('\x1b[1;2R');
  });
});

describe('an escape in a bracketed paste', () => {
  it('is text, and is one again behind it', () => {
    const reader = createEscapeReader('~');
    const read = (text: string): string =>
      reader
        .take(Buffer.from(text))
        .map((part) => (part.kind === 'bytes' ? Buffer.from(part.bytes).toString() : `<${part.command}>`))
        .join('');
    expect(read('\x1b[200~a\r~.\r')).toBe('\x1b[200~a\r~.\r');
    expect(read('~.\x1b[2')).toBe('~.\x1b[2');
    expect(read('01~\r~.')).toBe('01~\r<leave>');
  });
});

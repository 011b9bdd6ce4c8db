import { describe, expect, it } from 'vitest';
import { createKeyDecoder } from '../../../../src/cli/line-shell/editor/keys.ts';
import { createOutputScanner } from '../../../../src/cli/line-shell/terminal/output-scanner.ts';
import { createScreenOnTerminal } from '../../../fixtures/shell/screen-on-terminal.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const LONG = 'A'.repeat(1000);

describe('a control string of a command that is longer than is held back', () => {
  it.each([
    ['an OSC', `\x1b]52;c;${LONG}`, '\x07'],
    ['a DCS', `\x1bPq${LONG}`, '\x1b\\'],
    ['a DCS with BEL inside', `\x1bPq\x07${LONG}`, '\x1b\\'],
    ['an APC', `\x1b_G${LONG}`, '\x1b\\'],
  ])('has nothing of others in it: %s', async (_what, begin, end) => {
    const { screen, raw } = createScreenOnTerminal(40);
    const output = screen.openOutput();
    await output.write('stdout', bytes(begin));
    screen.echo('typed');
    screen.say('said');
    await output.write('stderr', bytes('trouble\n'));
    expect(raw()).toBe(begin);
    await output.write('stdout', bytes(end));
    expect(raw().startsWith(`${begin}${end}`)).toBe(true);
    for (const each of ['typed', 'said', 'trouble']) expect(raw()).toContain(each);
  });

  it('is ended where the command has ended, and the prompt comes', async () => {
    const { screen, raw } = createScreenOnTerminal(40);
    const output = screen.openOutput();
    await output.write('stdout', bytes(`\x1b]52;c;${LONG}`));
    output.end();
    screen.say('next');
    expect(raw()).toContain(`${LONG}\x18\x1b\\`);
    expect(raw()).toContain('next');
  });

  it('is known to the scanner', () => {
    const scanner = createOutputScanner();
    expect(scanner.take(bytes('\x1b]0;short')).bytes).toHaveLength(0);
    expect(scanner.isOpen).toBe(false);
    expect(scanner.take(bytes(LONG)).bytes.length).toBeGreaterThan(1000);
    expect(scanner.isOpen).toBe(true);
    scanner.take(bytes('\x07'));
    expect(scanner.isOpen).toBe(false);
  });
});

describe('what a terminal answers at the prompt', () => {
  it.each([
    ['OSC 11', '\x1b]11;rgb:ffff/ffff/ffff\x1b\\'],
    ['OSC 52 by BEL', '\x1b]52;c;QUJD\x07'],
    ['DCS', '\x1bP>|XTerm(379)\x1b\\'],
    ['DECRQSS', '\x1bP1$r0m\x1b\\'],
    ['APC', '\x1b_Gi=31;OK\x1b\\'],
    ['the place of the cursor', '\x1b[12;40R'],
    ['device attributes', '\x1b[?62;22c'],
    ['the focus', '\x1b[I'],
    ['a mouse by SGR', '\x1b[<0;10;5M'],
    ['a mouse by X10', '\x1b[M #!'],
  ])('is no text: %s', (_what, answer) => {
    for (let at = 1; at < answer.length; at++) {
      const decoder = createKeyDecoder();
      const keys = [...decoder.take(`a${answer.slice(0, at)}`), ...decoder.take(`${answer.slice(at)}b`)];
      const text = keys.map((key) =>
        key.kind === 'text' ? key.text : key.kind === 'key' && key.name === 'unknown' ? '' : key.kind,
      );
      expect(text.join('')).toBe('ab');
    }
  });

  it('is not waited for behind Alt and a key', () => {
    const decoder = createKeyDecoder();
    expect(decoder.take('\x1b]')).toEqual([]);
    expect(decoder.flush()).toEqual([{ kind: 'key', name: 'alt-]' }]);
    expect(decoder.take('\x1b_never ended\x03')).toEqual([{ kind: 'key', name: 'ctrl-c' }]);
  });
});

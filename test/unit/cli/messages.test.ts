import { describe, expect, it, vi } from 'vitest';
import { createMessages, type MessageOptions } from '../../../src/cli/output/messages.ts';

function say(options: Partial<MessageOptions>): readonly string[] {
  const lines: string[] = [];
  const messages = createMessages({ q: false, v: 0, color: 'never', ...options }, (line) => lines.push(line));
  messages.fail('failed');
  messages.warn('warned');
  for (const level of [1, 2, 3] as const) messages.debug(level, `at ${level}`);
  return lines;
}

const DEBUG = ['rexa: debug1: at 1\n', 'rexa: debug2: at 2\n', 'rexa: debug3: at 3\n'];

describe('messages', () => {
  it.each([
    ['as it is', {}, ['rexa: failed\n', 'rexa: warned\n']],
    ['with -q', { q: true }, ['rexa: failed\n']],
    ['with -v', { v: 1 }, ['rexa: failed\n', 'rexa: warned\n', ...DEBUG.slice(0, 1)]],
    ['with -vv', { v: 2 }, ['rexa: failed\n', 'rexa: warned\n', ...DEBUG.slice(0, 2)]],
    ['with -vvv', { v: 3 }, ['rexa: failed\n', 'rexa: warned\n', ...DEBUG]],
    ['with -vvvv', { v: 4 }, ['rexa: failed\n', 'rexa: warned\n', ...DEBUG]],
    ['with -q and -v', { q: true, v: 1 }, ['rexa: failed\n', ...DEBUG.slice(0, 1)]],
  ])('are a line each behind "rexa: " (%s)', (_, options, lines) => {
    expect(say(options)).toEqual(lines);
  });

  it('show control characters and never send them', () => {
    const lines: string[] = [];
    createMessages({ q: false, v: 0, color: 'never' }, (line) => lines.push(line)).fail(
      'a\u001b[2J\r\nb\u202e',
    );
    expect(lines).toEqual([`rexa: ${String.raw`a\x1b[2J\x0d\x0ab\u202e`}\n`]);
  });

  it('are coloured where that is asked for, the prefix alone', () => {
    vi.stubEnv('NO_COLOR', '1');
    expect(say({ color: 'always' })[0]).toBe('\u001b[31mrexa:\u001b[39m failed\n');
    expect(say({ color: 'always' })[1]).toBe('\u001b[33mrexa:\u001b[39m warned\n');
  });
});

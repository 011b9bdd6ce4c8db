import { describe, expect, it } from 'vitest';
import { createModeTracker } from '../../../../src/client/terminal/terminal-modes.ts';

/** What would be taken back after this was shown, but for the characters and colours, which always are. */
function restoreAfter(chunks: readonly string[]): string {
  const tracker = createModeTracker();
  for (const chunk of chunks) tracker.take(Buffer.from(chunk));
  return tracker.restore().replace('\x1b(B\x0f\x1b[0m', '');
}

const VIM = '\x1b[?1049h\x1b[?1h\x1b=\x1b[?2004h\x1b[?25l';
const VIM_BACK = '\x1b[?1049l\x1b[?1l\x1b[?2004l\x1b[?25h\x1b>';

describe('what a session has made of our terminal', () => {
  it.each([
    ['nothing', 'ls\r\nfile\r\n', ''],
    ['colours alone', '\x1b[31mred\x1b[0m', ''],
    ['the other screen', '\x1b[?1049hvim', '\x1b[?1049l'],
    ['a hidden cursor', '\x1b[?25l', '\x1b[?25h'],
    ['mice', '\x1b[?1000;1006h', '\x1b[?1000l\x1b[?1006l'],
    ['all that vim changes', VIM, VIM_BACK],
    ['what was taken back already', '\x1b[?1049h\x1b[?25l\x1b[?25h\x1b[?1049l\x1b=\x1b>', ''],
    ['what a reset has taken back', '\x1b[?1049h\x1b[?2004h\x1bc', ''],
    ['modes that nobody knows', '\x1b[?9999h', ''],
  ])('%s is known', (_what, shown, restored) => {
    expect(restoreAfter([shown])).toBe(restored);
  });

  it('is known wherever the output is cut', () => {
    for (let at = 1; at < VIM.length; at++) {
      expect(restoreAfter([VIM.slice(0, at), VIM.slice(at)])).toBe(VIM_BACK);
    }
    expect(restoreAfter(VIM.split(''))).toBe(VIM_BACK);
  });

  it('needs nothing where no program has steered the terminal', () => {
    const tracker = createModeTracker();
    tracker.take(Buffer.from('plain\r\n'));
    expect(tracker.restore()).toBe('');
  });

  it('is followed in noise without growing', () => {
    const tracker = createModeTracker();
    for (let time = 0; time < 1000; time++) tracker.take(Buffer.from('\x1b[?1;1;1;1;1;1;1;1;1;1;1;1;1;1'));
    tracker.take(Buffer.from('x\x1b[?25l'));
    expect(tracker.restore()).toContain('\x1b[?25h');
  });
});

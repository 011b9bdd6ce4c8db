import { describe, expect, it } from 'vitest';
import { createNotices } from '../../../../src/cli/terminal/notices.ts';

function start(modes: { isOtherScreen: boolean; isSettled: boolean }) {
  const done: string[] = [];
  const notices = createNotices({
    write: (text) => void done.push(text.includes('bob is here') ? 'drawn' : text),
    size: () => ({ columns: 40, rows: 10 }),
    modes,
    repaint: () => void done.push('repainted'),
  });
  return { notices, done };
}

describe('a notice over which the host writes', () => {
  it.each([
    ['the screen of a full-screen program: is shown again', true, true, ['drawn', 'drawn', 'drawn']],
    ['in the middle of a sequence: waits', true, false, ['drawn']],
    ['the usual screen: is taken back, once', false, true, ['drawn', 'repainted']],
  ])('on %s', (_where, isOtherScreen, isSettled, expected) => {
    const { notices, done } = start({ isOtherScreen, isSettled });
    notices.show('bob is here');
    for (let written = 0; written < 2; written++) notices.handleWritten();
    notices.stop();
    expect(done).toEqual(expected);
  });
});

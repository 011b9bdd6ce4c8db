import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

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

describe('a notice on the usual screen', () => {
  it('is shown again when the host is quiet, and taken back after a while', () => {
    const { notices, done } = start({ isOtherScreen: false, isSettled: true });
    notices.show('bob is here');
    for (let written = 0; written < 5; written++) {
      notices.handleWritten();
      vi.advanceTimersByTime(200);
    }
    expect(done).toEqual(['drawn', 'repainted']);
    vi.advanceTimersByTime(200);
    expect(done).toEqual(['drawn', 'repainted', 'drawn']);
    vi.advanceTimersByTime(5000);
    expect(done).toEqual(['drawn', 'repainted', 'drawn', 'repainted']);
    notices.handleWritten();
    vi.advanceTimersByTime(5000);
    expect(done).toHaveLength(4);
  });

  it('is not shown any more where the host writes for too long', () => {
    const { notices, done } = start({ isOtherScreen: false, isSettled: true });
    notices.show('bob is here');
    for (let written = 0; written < 100; written++) {
      notices.handleWritten();
      vi.advanceTimersByTime(200);
    }
    vi.advanceTimersByTime(5000);
    expect(done).toEqual(['drawn', 'repainted']);
  });
});

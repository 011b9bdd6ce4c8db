import { describe, expect, it } from 'vitest';
import { describeWaiting } from '../../../../src/cli/line-shell/terminal/waiting.ts';

const unknown = { doneBytes: 5, totalBytes: null };

describe('what is shown of a line that takes long', () => {
  it.each([
    [1_000, '⠋ 1 s'],
    [1_100, '⠙ 1 s'],
    [59_999, '⠏ 59 s'],
    [60_000, '⠋ 1 min'],
    [3_661_000, '⠋ 1 h 1 min 1 s'],
  ])('after %i ms is the time: %s', (elapsedMs, shown) => {
    expect(describeWaiting(elapsedMs, unknown, 'unicode')).toBe(shown);
  });

  it.each([
    [0, 100_000_000, '░░░░░░░░░░░░░░░░░░░░ 0% of 100.0 MB, 2 s'],
    [25_000_000, 100_000_000, '█████░░░░░░░░░░░░░░░ 25% of 100.0 MB, 2 s'],
    [1, 3, '███████░░░░░░░░░░░░░ 33% of 3 bytes, 2 s'],
    [999, 1000, '████████████████████ 99% of 1.0 kB, 2 s'],
    [2000, 1000, '████████████████████ 100% of 1.0 kB, 2 s'],
  ])(
    'of a reply whose size is known is how much of it is there: %i of %i',
    (doneBytes, totalBytes, shown) => {
      expect(describeWaiting(2_000, { doneBytes, totalBytes }, 'unicode')).toBe(shown);
    },
  );

  it('does without what an old terminal does not have', () => {
    expect(describeWaiting(1_000, unknown, 'ascii')).toBe('- 1 s');
    expect(describeWaiting(1_000, { doneBytes: 1, totalBytes: 2 }, 'ascii')).toBe(
      '##########.......... 50% of 2 bytes, 1 s',
    );
  });
});

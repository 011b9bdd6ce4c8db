import { describe, expect, it } from 'vitest';
import { measureSignature } from '../../../../src/daemon/probe/signature-cost.ts';

describe('the cost of a signature', () => {
  it.each([
    ['is 1 for a fast key', [0.05, 0.04, 0.05, 0.05, 0.05], 1],
    ['grows with the time of a slow one', [8, 8, 8, 8, 8], 40],
    ['is that of the fastest trial', [30, 9, 4, 8, 12], 20],
    ['is at most what the limits give at once', [900, 800, 700, 600, 500], 100],
  ])('%s', async (_what, timesMs, cost) => {
    let nowMs = 1_000;
    const left = [...timesMs];
    const sign = async (): Promise<void> => {
      nowMs += left.shift() ?? 0;
    };
    expect(await measureSignature(sign, () => nowMs)).toBeCloseTo(cost, 6);
    expect(left).toEqual([]);
  });
});

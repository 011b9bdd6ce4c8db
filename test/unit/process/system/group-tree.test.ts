import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGroupTree } from '../../../../src/process/system/group-tree.ts';

/** The fake clock does not replace this module. */
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
}));

const GRACE_MS = 200;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The clock goes on, and no timer fires meanwhile. */
function stopFor(ms: number): void {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}

describe('the end of a process group', () => {
  function endGroup() {
    const sent: (NodeJS.Signals | 0)[] = [];
    const tree = createGroupTree(4711, (signal) => {
      if (signal !== 0) sent.push(signal);
      return !sent.includes('SIGKILL');
    });
    return { sent, ended: tree.end(GRACE_MS) };
  }

  it('kills those that are there after the grace', async () => {
    const { sent, ended } = endGroup();
    await vi.advanceTimersByTimeAsync(GRACE_MS - 10);
    expect(sent).toEqual(['SIGTERM', 'SIGCONT']);
    await vi.advanceTimersByTimeAsync(100);
    expect([sent, await ended]).toEqual([['SIGTERM', 'SIGCONT', 'SIGKILL'], []]);
  });

  it('gives the whole grace behind a time in which this process was stopped', async () => {
    const { sent, ended } = endGroup();
    await vi.advanceTimersByTimeAsync(GRACE_MS - 10);
    stopFor(60_000);
    await vi.advanceTimersByTimeAsync(GRACE_MS - 10);
    expect(sent).toEqual(['SIGTERM', 'SIGCONT']);
    await vi.advanceTimersByTimeAsync(100);
    expect([sent, await ended]).toEqual([['SIGTERM', 'SIGCONT', 'SIGKILL'], []]);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startAwakeTimer } from '../../../src/runtime/awake-timer.ts';

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

describe('a timer of the time in which the process runs', () => {
  it('runs once its time is over', () => {
    const run = vi.fn();
    startAwakeTimer(run, 2_500);
    vi.advanceTimersByTime(2_499);
    expect(run).not.toHaveBeenCalled();
    // And one turn of the event loop
    vi.advanceTimersByTime(2);
    expect(run).toHaveBeenCalledOnce();
  });

  it.each([1_000, 60_000])(
    'counts nothing of the time in which the process was stopped: of %i ms',
    (forMs) => {
      const run = vi.fn();
      const timer = startAwakeTimer(run, forMs);
      stopFor(95_000);
      vi.advanceTimersToNextTimer();
      expect(timer.leftMs).toBe(forMs);
      vi.advanceTimersByTime(forMs - 1);
      expect(run).not.toHaveBeenCalled();
      vi.advanceTimersByTime(2);
      expect(run).toHaveBeenCalledOnce();
    },
  );

  it('does not run when what has come in time stops it', () => {
    const run = vi.fn();
    const timer = startAwakeTimer(run, 5);
    setTimeout(() => setImmediate(() => timer.stop()), 4);
    setTimeout(() => timer.stop(), 5);
    vi.advanceTimersByTime(60_000);
    expect(run).not.toHaveBeenCalled();
  });

  it('does nothing once it is stopped', () => {
    const run = vi.fn();
    const timer = startAwakeTimer(run, 5_000);
    vi.advanceTimersByTime(3_000);
    timer.stop();
    vi.advanceTimersByTime(60_000);
    expect(run).not.toHaveBeenCalled();
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startAwakeTimer } from '../../../src/link/awake-timer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a timer of the time in which the process runs', () => {
  it('runs once its time is over', () => {
    const run = vi.fn();
    startAwakeTimer(run, 2_500);
    vi.advanceTimersByTime(2_499);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledOnce();
  });

  it('counts a tick for all the time that the process was stopped', () => {
    const timer = startAwakeTimer(vi.fn(), 60_000);
    vi.setSystemTime(Date.now() + 95_000);
    vi.advanceTimersToNextTimer();
    expect(timer.leftMs).toBe(59_000);
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

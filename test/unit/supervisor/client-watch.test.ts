import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Lifetime } from '../../../src/protocol/job.ts';
import { createClientWatch } from '../../../src/supervisor/jobs/client-watch.ts';
import { JOB_CLIENT_GRACE_MS } from '../../../src/supervisor/limits.ts';

function watch(lifetime: Lifetime) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const ends: string[] = [];
  return { clients: createClientWatch(lifetime, (why) => ends.push(why)), ends };
}

describe('a job without its client', () => {
  it.each([
    ['with-client', true, 0],
    ['with-client', false, JOB_CLIENT_GRACE_MS],
    [{ lingerMs: 5000 }, true, 5000],
    [{ lingerMs: 5000 }, false, 5000],
    ['detached', true, null],
    ['detached', false, null],
  ] as const)('of the lifetime %j, gone for good: %s, is ended after %s ms', (lifetime, isGone, waitMs) => {
    const { clients, ends } = watch(lifetime);
    clients.join();
    clients.leave(isGone);
    if (waitMs !== null && waitMs > 0) vi.advanceTimersByTime(waitMs - 1);
    expect(ends.length).toBe(waitMs === 0 ? 1 : 0);
    vi.advanceTimersByTime(waitMs === null ? 10 * JOB_CLIENT_GRACE_MS : 2);
    expect(ends.length).toBe(waitMs === null ? 0 : 1);
  });

  it('goes on when another one comes in time, or has been there all along', () => {
    const { clients, ends } = watch('with-client');
    clients.join();
    clients.join();
    clients.leave(true);
    expect(ends).toEqual([]);
    clients.leave(false);
    vi.advanceTimersByTime(JOB_CLIENT_GRACE_MS - 1);
    clients.join();
    vi.advanceTimersByTime(JOB_CLIENT_GRACE_MS);
    expect(ends).toEqual([]);
    clients.leave(true);
    expect(ends).toEqual([': its client is gone']);
  });

  it('is not ended once it has ended by itself', () => {
    const { clients, ends } = watch('with-client');
    clients.join();
    clients.stop();
    clients.leave(true);
    vi.advanceTimersByTime(JOB_CLIENT_GRACE_MS);
    expect(ends).toEqual([]);
  });
});

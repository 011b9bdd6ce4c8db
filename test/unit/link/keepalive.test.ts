import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type KeepaliveWork, startKeepalive } from '../../../src/link/keepalive.ts';

const INTERVAL_MS = 1000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A keepalive with what it has done so far. */
function start(work: Partial<KeepaliveWork> = {}) {
  const done: string[] = [];
  const peer = { bytes: 0 };
  const keepalive = startKeepalive(
    {
      heardBytes: () => peer.bytes,
      isDeaf: () => false,
      ask: () => done.push('ask'),
      tend() {},
      handleDead: () => done.push('dead'),
      ...work,
    },
    INTERVAL_MS,
    'own',
  );
  return { done, peer, keepalive };
}

describe('a keepalive', () => {
  it('asks a silent peer, and finds it dead within three intervals of its last byte', () => {
    const { done, peer } = start();
    peer.bytes = 1;
    vi.advanceTimersByTime(3 * INTERVAL_MS);
    expect(done).toEqual(['ask', 'dead']);
    vi.advanceTimersByTime(10 * INTERVAL_MS);
    expect(done).toEqual(['ask', 'dead']);
  });

  it('asks no peer that is heard anyway', () => {
    const { done, peer } = start();
    for (let looks = 0; looks < 20; looks++) {
      peer.bytes++;
      vi.advanceTimersByTime(INTERVAL_MS);
    }
    expect(done).toEqual([]);
  });

  it('starts over when it looks late: what was in between it has not seen', () => {
    const { done } = start();
    vi.advanceTimersByTime(INTERVAL_MS);
    const late = performance.now() + 3_600_000;
    vi.spyOn(performance, 'now').mockReturnValue(late);
    vi.advanceTimersByTime(INTERVAL_MS);
    expect(done).toEqual(['ask', 'ask']);
    vi.advanceTimersByTime(INTERVAL_MS);
    expect(done.at(-1)).toBe('ask');
    vi.advanceTimersByTime(INTERVAL_MS);
    expect(done.at(-1)).toBe('dead');
  });

  it('finds nobody dead whom we ourselves do not read', () => {
    const { done } = start({ isDeaf: () => true });
    vi.advanceTimersByTime(20 * INTERVAL_MS);
    expect(done).toEqual([]);
  });

  it('stops when it is told to', () => {
    const { done, keepalive } = start();
    keepalive.stop();
    vi.advanceTimersByTime(20 * INTERVAL_MS);
    expect([done, vi.getTimerCount()]).toEqual([[], 0]);
  });
});

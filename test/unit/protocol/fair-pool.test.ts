import { describe, expect, it } from 'vitest';
import { createFairPool, type FairPool } from '../../../src/protocol/fair-pool.ts';

const ANY = Number.POSITIVE_INFINITY;

/** Takes one after the other until it is refused. @returns how many it has */
function takeAllOf(pool: FairPool, owner: string, most = ANY, isPrivileged = false): number {
  while (pool.take({ owner, isPrivileged }, 1, most));
  return pool.heldBy(owner);
}

describe('a fair pool', () => {
  it('gives one half of what the others leave, so that something is left for the next', () => {
    const pool = createFairPool(100);
    expect(['a', 'b', 'c', 'd'].map((owner) => takeAllOf(pool, owner))).toEqual([50, 25, 12, 6]);
  });

  it('gives nobody more than it may have', () => {
    expect(takeAllOf(createFairPool(100), 'a', 7)).toBe(7);
  });

  it('keeps its reserve for the privileged, who get all that is left', () => {
    const pool = createFairPool(100, 20);
    expect(takeAllOf(pool, 'a')).toBe(40);
    expect(takeAllOf(pool, 'owner', ANY, true)).toBe(60);
    expect(takeAllOf(pool, 'b')).toBe(0);
  });

  it('takes all of an amount or nothing', () => {
    const pool = createFairPool(100);
    expect(pool.take({ owner: 'a', isPrivileged: false }, 51, ANY)).toBe(false);
    expect([pool.heldBy('a'), pool.take({ owner: 'a', isPrivileged: false }, 50, ANY)]).toEqual([0, true]);
  });

  it('has again what was given back', () => {
    const pool = createFairPool(4);
    takeAllOf(pool, 'a');
    pool.giveBack('a', 2);
    expect(takeAllOf(pool, 'b')).toBe(2);
  });
});

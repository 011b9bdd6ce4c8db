import { describe, expect, it } from 'vitest';
import { createFairQueue, type FairQueue } from '../../../src/protocol/fair-queue.ts';

function drain(queue: FairQueue<string>, mayGo: (item: string) => boolean = () => true): string {
  let all = '';
  for (let item = queue.shift(mayGo); item !== undefined; item = queue.shift(mayGo)) all += item;
  return all;
}

function fill(...items: readonly string[]): FairQueue<string> {
  const queue = createFairQueue<string>();
  for (const item of items) queue.push(item.toLowerCase(), item);
  return queue;
}

describe('a fair queue', () => {
  it('takes lanes in turns, however long one is', () => {
    expect(drain(fill('a', 'a', 'a', 'a', 'b', 'c', 'c'))).toBe('abcacaa');
  });

  it('passes over a lane whose first item may not go, and keeps the order within lanes', () => {
    const queue = fill('a', 'A', 'b', 'b');
    expect(drain(queue, (item) => item !== 'a')).toBe('bb');
    expect([queue.length, drain(queue)]).toEqual([2, 'aA']);
  });

  it('puts a lane behind the others once one of it has gone', () => {
    const queue = fill('a', 'a', 'b');
    expect(queue.shift(() => true)).toBe('a');
    queue.push('c', 'c');
    expect(drain(queue)).toBe('bac');
  });
});

import { describe, expect, it } from 'vitest';
import { createFifo } from '../../../src/protocol/fifo.ts';

describe('a fifo', () => {
  it('gives items in the order they came', () => {
    const fifo = createFifo<number>();
    for (const item of [1, 2, 3]) fifo.push(item);
    expect([fifo.length, fifo.first, fifo.last]).toEqual([3, 1, 3]);
    expect([fifo.shift(), fifo.shift(), fifo.shift(), fifo.shift()]).toEqual([1, 2, 3, undefined]);
    expect([fifo.length, fifo.first, fifo.last]).toEqual([0, undefined, undefined]);
  });

  it('replaces its ends', () => {
    const fifo = createFifo<number>();
    fifo.replaceFirst(9);
    fifo.replaceLast(9);
    expect(fifo.length).toBe(0);
    for (const item of [1, 2, 3]) fifo.push(item);
    fifo.shift();
    fifo.replaceFirst(20);
    fifo.replaceLast(30);
    expect([fifo.shift(), fifo.shift()]).toEqual([20, 30]);
  });

  it('is empty when it was cleared', () => {
    const fifo = createFifo<number>();
    for (const item of [1, 2, 3]) fifo.push(item);
    fifo.clear();
    expect([fifo.length, fifo.shift(), fifo.first, fifo.last]).toEqual([0, undefined, undefined, undefined]);
  });

  it('agrees with an array that shifts, through any turns', () => {
    const fifo = createFifo<number>();
    const twin: number[] = [];
    for (let turn = 0; turn < 5_000; turn++) {
      const pushes = (turn * 7) % 5;
      for (let at = 0; at < pushes; at++) {
        fifo.push(turn * 10 + at);
        twin.push(turn * 10 + at);
      }
      for (let at = 0; at < (turn * 3) % 4; at++) expect(fifo.shift()).toBe(twin.shift());
      expect([fifo.length, fifo.first, fifo.last]).toEqual([twin.length, twin[0], twin.at(-1)]);
    }
    expect(twin.length).toBeGreaterThan(100);
  });
});

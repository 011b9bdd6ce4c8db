import { describe, expect, it } from 'vitest';
import { createByteQueue } from '../../../src/protocol/byte-queue.ts';

describe('a queue of bytes', () => {
  it('hands a large piece on without copying it', () => {
    const queue = createByteQueue();
    const bytes = new Uint8Array(65_536);
    queue.push(bytes);
    expect(queue.take(100_000)).toBe(bytes);
  });

  it('cuts a piece that is longer than what may be taken', () => {
    const queue = createByteQueue();
    queue.push(Uint8Array.of(1, 2, 3, 4, 5));
    expect([...(queue.take(2) ?? [])]).toEqual([1, 2]);
    expect([...(queue.take(9) ?? [])]).toEqual([3, 4, 5]);
  });

  it('puts bytes that come one by one together', () => {
    const queue = createByteQueue();
    for (let at = 0; at < 10_000; at++) queue.push(Uint8Array.of(at & 0xff));
    expect(queue.length).toBe(10_000);
    expect(queue.take(100_000)?.length).toBe(10_000);
  });

  it('hands a small piece on in memory of its own', () => {
    const queue = createByteQueue();
    const read = Buffer.from(new ArrayBuffer(65_536));
    queue.push(read.subarray(0, 4096));
    read.fill(1);
    expect(queue.take(9000)).toEqual(new Uint8Array(4096));
  });

  it('keeps no read buffer for small pieces that were cut from it', () => {
    const queue = createByteQueue();
    for (let at = 0; at < 1000; at++) queue.push(new Uint8Array(65_536).subarray(0, 1));
    expect(queue.take(2000)?.buffer.byteLength).toBeLessThan(65_536);
    expect(queue.length).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { createSendQueue } from '../../../src/protocol/send-queue.ts';
import { patternBytes } from '../../fixtures/protocol/pattern.ts';

describe('the sending half of a stream', () => {
  it('holds bytes until credit lets them go, and then up to it', () => {
    const queue = createSendQueue();
    queue.write(patternBytes(1, 0, 100));
    expect([queue.queuedBytes, queue.sendableBytes, queue.take(50).length]).toEqual([100, 0, 0]);
    queue.raiseLimit(30);
    expect([
      queue.sendableBytes,
      queue.take(20).length,
      queue.take(20).length,
      queue.take(20).length,
    ]).toEqual([30, 20, 10, 0]);
    queue.raiseLimit(1000);
    expect(queue.take(1000)).toEqual(patternBytes(1, 30, 70));
    expect([queue.isDrained, queue.isEndDue]).toEqual([true, false]);
  });

  it('takes no credit back', () => {
    const queue = createSendQueue();
    queue.raiseLimit(30);
    queue.raiseLimit(20);
    queue.write(patternBytes(1, 0, 100));
    expect(queue.sendableBytes).toBe(30);
  });

  it('lets the end go after the last byte, without credit, once', () => {
    const queue = createSendQueue();
    queue.write(patternBytes(1, 0, 10));
    queue.end();
    expect([queue.isEndDue, queue.isDrained]).toEqual([false, false]);
    queue.raiseLimit(10);
    queue.take(10);
    expect([queue.isEndDue, queue.isDrained]).toEqual([true, false]);
    queue.takeEnd();
    queue.end();
    expect([queue.isEndDue, queue.isDrained]).toEqual([false, true]);
  });

  it('takes nothing after its end', () => {
    const queue = createSendQueue();
    queue.end();
    queue.write(patternBytes(1, 0, 10));
    expect(queue.queuedBytes).toBe(0);
  });

  it('is over when it was discarded: no byte, no end', () => {
    const queue = createSendQueue();
    queue.write(patternBytes(1, 0, 10));
    queue.end();
    queue.discard();
    queue.raiseLimit(10);
    queue.write(patternBytes(1, 0, 10));
    expect([queue.isDrained, queue.isEndDue, queue.sendableBytes]).toEqual([true, false, 0]);
  });
});

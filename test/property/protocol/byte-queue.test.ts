import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteQueue } from '../../../src/protocol/byte-queue.ts';
import { patternBytes } from '../../fixtures/protocol/pattern.ts';

const push = fc.record({
  kind: fc.constant('push' as const),
  bytes: fc.oneof(
    fc.integer({ min: 0, max: 20 }),
    fc.constantFrom(4095, 4096, 4097, 16_383, 16_384, 16_385),
    fc.integer({ min: 0, max: 9000 }),
  ),
});
const take = fc.record({ kind: fc.constant('take' as const), bytes: fc.oneof(fc.nat(30), fc.nat(20_000)) });
const clear = fc.record({ kind: fc.constant('clear' as const), bytes: fc.constant(0) });
const steps = fc.array(
  fc.oneof({ weight: 6, arbitrary: push }, { weight: 4, arbitrary: take }, { weight: 1, arbitrary: clear }),
  { maxLength: 200 },
);

describe('a queue of bytes', () => {
  it('gives the bytes that were pushed, in order, however they were cut', () => {
    fc.assert(
      fc.property(steps, (turns) => {
        const queue = createByteQueue();
        let pushed = 0;
        let taken = 0;
        // What was taken is compared at the end: nothing may write to it any more.
        const kept: { offset: number; bytes: Uint8Array }[] = [];
        for (const { kind, bytes } of turns) {
          if (kind === 'push') {
            queue.push(patternBytes(1, pushed, bytes));
            pushed += bytes;
          } else if (kind === 'clear') {
            queue.clear();
            taken = pushed;
          } else {
            const piece = queue.take(Math.max(1, bytes));
            expect(piece === undefined).toBe(taken === pushed);
            if (piece) {
              expect(piece.length).toBeGreaterThan(0);
              expect(piece.length).toBeLessThanOrEqual(Math.max(1, bytes));
              kept.push({ offset: taken, bytes: piece });
              taken += piece.length;
            }
          }
          expect(queue.length).toBe(pushed - taken);
        }
        for (const { offset, bytes } of kept)
          expect(Buffer.compare(bytes, patternBytes(1, offset, bytes.length))).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('never writes into memory that was pushed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 20 }), (sizes) => {
        const queue = createByteQueue();
        const memory = patternBytes(2, 0, 64 * 1024 + 20 * 5000);
        let at = 0;
        for (const size of sizes) {
          queue.push(memory.subarray(at, at + size));
          at += size;
        }
        expect(Buffer.compare(memory, patternBytes(2, 0, memory.length))).toBe(0);
      }),
    );
  });
});

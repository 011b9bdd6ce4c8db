import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBudget } from '../../../src/protocol/budget.ts';
import { createReceiveWindow } from '../../../src/protocol/credit.ts';
import { MAX_STREAM_WINDOW_BYTES } from '../../../src/protocol/limits.ts';

const BUDGET = 20 * 1024 * 1024;

describe('the receiving half of the credit, whatever its reader and its peer do', () => {
  it('keeps consumed ≤ received ≤ granted ≤ consumed + window, never takes credit back, and its budget', () => {
    const step = fc.record({
      /** What arrives and what is consumed, as parts of what may be. */
      arrives: fc.double({ min: 0, max: 1, noNaN: true }),
      consumed: fc.double({ min: 0, max: 1, noNaN: true }),
      afterMs: fc.nat(20),
      rttMs: fc.option(fc.nat(10)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const budget = createBudget(BUDGET);
        const window = createReceiveWindow(budget);
        let nowMs = 0;
        let consumed = 0;
        let told = window.open(nowMs);
        for (const { arrives, consumed: part, afterMs, rttMs } of steps) {
          nowMs += afterMs;
          const before = window.granted;
          expect(window.receive(Math.floor((window.granted - window.received) * arrives))).toBe(true);
          const bytes = Math.floor((window.received - consumed) * part);
          consumed += bytes;
          told = window.consume(bytes, nowMs, rttMs) ?? told;
          expect(told).toBe(window.granted);
          expect(window.granted).toBeGreaterThanOrEqual(before);
          expect(window.received).toBeLessThanOrEqual(window.granted);
          expect(window.granted - consumed).toBeLessThanOrEqual(MAX_STREAM_WINDOW_BYTES);
          // Whoever has consumed everything has always something more to grant: nobody is stuck.
          if (consumed === window.received) expect(window.granted - consumed).toBeGreaterThan(0);
        }
        window.release();
        expect(budget.freeBytes).toBe(BUDGET);
      }),
      { numRuns: 1000 },
    );
  });
});

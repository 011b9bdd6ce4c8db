import { describe, expect, it } from 'vitest';
import { createBudget } from '../../../src/protocol/budget.ts';
import { createReceiveWindow } from '../../../src/protocol/credit.ts';
import { FIRST_WINDOW_BYTES, MAX_STREAM_WINDOW_BYTES } from '../../../src/protocol/limits.ts';

const HALF = FIRST_WINDOW_BYTES / 2;

/** Receives and consumes all that was granted, again and again, each time after `everyMs`. */
function readFully(
  window: ReturnType<typeof createReceiveWindow>,
  rounds: number,
  everyMs: number,
  rttMs: number,
) {
  let nowMs = 0;
  window.open(nowMs);
  for (let round = 0; round < rounds; round++) {
    nowMs += everyMs;
    const bytes = window.granted - window.received;
    window.receive(bytes);
    window.consume(bytes, nowMs, rttMs);
  }
  return window.granted - window.received;
}

describe('the receiving half of the credit', () => {
  it('grants nothing before it is opened: the first byte is too many', () => {
    const window = createReceiveWindow(createBudget(0));
    expect(window.granted).toBe(0);
    expect(window.receive(1)).toBe(false);
  });

  it('takes what it granted, to the last byte, and not one more', () => {
    const window = createReceiveWindow(createBudget(0));
    expect(window.open(0)).toBe(FIRST_WINDOW_BYTES);
    expect(window.receive(FIRST_WINDOW_BYTES)).toBe(true);
    expect(window.receive(1)).toBe(false);
  });

  it('grants for what is consumed, not for what arrives, and half a window at a time', () => {
    const window = createReceiveWindow(createBudget(0));
    window.open(0);
    window.receive(FIRST_WINDOW_BYTES);
    expect(window.granted).toBe(FIRST_WINDOW_BYTES);
    expect(window.consume(HALF - 1, 0, null)).toBe(null);
    expect(window.consume(1, 0, null)).toBe(FIRST_WINDOW_BYTES + HALF);
    expect(window.consume(HALF - 1, 0, null)).toBe(null);
    expect(window.consume(1, 0, null)).toBe(2 * FIRST_WINDOW_BYTES);
  });

  it('grants the same again when it is opened twice', () => {
    const window = createReceiveWindow(createBudget(0));
    expect([window.open(0), window.open(1)]).toEqual([FIRST_WINDOW_BYTES, FIRST_WINDOW_BYTES]);
  });

  it('begins as small as it is asked to, grows from there, and gives back what it grew by', () => {
    const budget = createBudget(5000);
    const window = createReceiveWindow(budget, 1000);
    expect(window.open(0)).toBe(1000);
    expect(window.receive(1001)).toBe(false);
    const grown = createReceiveWindow(budget, 1000);
    expect(readFully(grown, 20, 10, 5)).toBe(4000);
    grown.release();
    expect(budget.take(5000)).toBe(true);
  });

  it('makes the window four times as large for a reader that is held up by it twice in a row, up to its most', () => {
    const budget = createBudget(MAX_STREAM_WINDOW_BYTES);
    expect(readFully(createReceiveWindow(budget), 1, 10, 5)).toBe(FIRST_WINDOW_BYTES);
    expect(readFully(createReceiveWindow(budget), 2, 10, 5)).toBe(4 * FIRST_WINDOW_BYTES);
    expect(readFully(createReceiveWindow(createBudget(1 << 30)), 50, 10, 5)).toBe(MAX_STREAM_WINDOW_BYTES);
  });

  it.each([0, 1, 8, 1000])(
    'grows to its most for a sender that it limits, whose writes end %i bytes behind half a window',
    (beyond) => {
      const window = createReceiveWindow(createBudget(1 << 30));
      let grantedBytes = window.open(0);
      const rttMs = 100;
      for (let nowMs = rttMs; nowMs < 100 * rttMs; nowMs += rttMs + 3) {
        // What the sender had credit for a round trip ago arrives, and is consumed in pieces
        let left = grantedBytes - window.received;
        while (left > 0) {
          const piece = Math.min(left, HALF + beyond);
          window.receive(piece);
          grantedBytes = window.consume(piece, nowMs, rttMs) ?? grantedBytes;
          left -= piece;
        }
      }
      expect(window.windowBytes).toBe(MAX_STREAM_WINDOW_BYTES);
    },
  );

  it('leaves the window as it is for a reader that takes longer, and while the path is not known', () => {
    expect(readFully(createReceiveWindow(createBudget(1 << 30)), 50, 13, 5)).toBe(FIRST_WINDOW_BYTES);
    const window = createReceiveWindow(createBudget(1 << 30));
    window.open(0);
    window.receive(FIRST_WINDOW_BYTES);
    expect(window.consume(FIRST_WINDOW_BYTES, 0, null)).toBe(2 * FIRST_WINDOW_BYTES);
  });

  it('grows only as far as its budget goes, and gives all of it back', () => {
    const budget = createBudget(3 * FIRST_WINDOW_BYTES);
    const first = createReceiveWindow(budget);
    expect(readFully(first, 9, 1, 5)).toBe(4 * FIRST_WINDOW_BYTES);
    const second = createReceiveWindow(budget);
    expect(readFully(second, 9, 1, 5)).toBe(FIRST_WINDOW_BYTES);
    // Where it does not have four times as much, it may have twice
    expect(readFully(createReceiveWindow(createBudget(FIRST_WINDOW_BYTES)), 9, 1, 5)).toBe(
      2 * FIRST_WINDOW_BYTES,
    );
    expect(budget.freeBytes).toBe(0);
    first.release();
    expect(budget.freeBytes).toBe(3 * FIRST_WINDOW_BYTES);
    first.release();
    second.release();
    expect(budget.freeBytes).toBe(3 * FIRST_WINDOW_BYTES);
  });
});

import type { Budget } from './budget.ts';
import { FIRST_WINDOW_BYTES, MAX_STREAM_WINDOW_BYTES } from './limits.ts';

/**
 * The receiving half of a stream's flow control. All offsets are absolute: bytes since the stream began.
 *
 *   0 ── consumed ── received ── granted
 *        (by the user)           (what the peer may send up to)
 *
 * Invariants: consumed ≤ received ≤ granted ≤ consumed + window; granted never falls.
 */
export interface ReceiveWindow {
  /** Counts bytes that arrived; false when they are beyond the credit, which is the peer's error. */
  receive(bytes: number): boolean;
  /**
   * Counts bytes that the user took, and tells the offset to grant, or null while that is not worth a frame.
   * @param rttMs the path's round trip, null while it is not known
   */
  consume(bytes: number, nowMs: number, rttMs: number | null): number | null;
  /** Opens the stream: the first offset to grant. */
  open(nowMs: number): number;
  /** Returns what the window had grown by to its budget. */
  release(): void;
  readonly received: number;
  readonly granted: number;
  readonly windowBytes: number;
}

/** How many of a window's sizes are timed before it may grow. */
const EPOCH_WINDOWS = 2;

/**
 * @param budget what the window's growth beyond its first size is taken from
 * @param firstBytes its first size
 */
export function createReceiveWindow(budget: Budget, firstBytes = FIRST_WINDOW_BYTES): ReceiveWindow {
  let consumed = 0;
  let received = 0;
  let granted = 0;
  let windowBytes = firstBytes;
  /** Where the bytes that are timed begin, and when. */
  let epochOffset = 0;
  let epochAtMs = 0;

  /**
   * A window lets at most itself through in a round trip. One that comes near that, over two of its sizes since a burst
   * out of a buffer is no rate, holds the sender back: it doubles.
   */
  function grow(nowMs: number, rttMs: number | null): void {
    if (consumed - epochOffset < EPOCH_WINDOWS * windowBytes) return;
    const isLimit = rttMs !== null && nowMs - epochAtMs <= 2 * EPOCH_WINDOWS * rttMs;
    epochOffset = consumed;
    epochAtMs = nowMs;
    const more = Math.min(windowBytes, MAX_STREAM_WINDOW_BYTES - windowBytes);
    if (isLimit && more > 0 && budget.take(more)) windowBytes += more;
  }

  function grant(): number {
    granted = consumed + windowBytes;
    return granted;
  }

  return {
    open(nowMs) {
      epochAtMs = nowMs;
      return grant();
    },
    receive(bytes) {
      received += bytes;
      return received <= granted;
    },
    consume(bytes, nowMs, rttMs) {
      consumed += bytes;
      // Half a window at a time: fewer frames, and the sender never runs dry on a steady reader.
      if (granted - consumed > windowBytes / 2) return null;
      grow(nowMs, rttMs);
      return grant();
    },
    release() {
      budget.giveBack(windowBytes - firstBytes);
      windowBytes = firstBytes;
    },
    get received() {
      return received;
    },
    get granted() {
      return granted;
    },
    get windowBytes() {
      return windowBytes;
    },
  };
}

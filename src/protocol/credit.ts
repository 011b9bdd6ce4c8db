import type { Budget } from './budget.ts';
import { FIRST_WINDOW_BYTES, MAX_STREAM_WINDOW_BYTES } from './limits.ts';

/**
 * The receiving half of a stream's flow control. All offsets are absolute: bytes since the stream began.
 *
 *   0 ── consumed ── received ── granted
 *        (by the user)           (the peer may send up to here)
 *
 * Invariants: consumed ≤ received ≤ granted ≤ consumed + window; granted never falls.
 */
export interface ReceiveWindow {
  /** Counts received bytes; returns false if they exceed the credit, which is a protocol error of the peer. */
  receive(bytes: number): boolean;
  /**
   * Counts consumed bytes; returns the new offset to grant, or null while it is not worth a frame.
   * @param rttMs round-trip time, null while unknown
   */
  consume(bytes: number, nowMs: number, rttMs: number | null): number | null;
  /** Opens the stream; returns the first offset to grant. */
  open(nowMs: number): number;
  /** Grants up to an offset that somebody else has decided on; a smaller one than before is ignored. */
  grantUpTo(offset: number): void;
  /** Returns the growth of the window to the budget. */
  release(): void;
  readonly received: number;
  readonly granted: number;
  readonly windowBytes: number;
}

/** Measurement period before a window may grow, in multiples of its size. */
const EPOCH_WINDOWS = 2;
/** A measurement takes two to four round trips: on a long path a window that only doubled would be too small for a second. */
const GROWTH = 4;
/**
 * A sender that the window limits sends at least half of it in a round trip, since credit is granted when half of it was consumed,
 * and what comes is not cut where those halves end. The rest is for a round trip that now and then takes longer than the shortest.
 */
const MAX_ROUND_TRIPS_PER_WINDOW = 2.5;

/**
 * @param budget supplies the growth of the window beyond its initial size
 * @param firstBytes initial size
 */
export function createReceiveWindow(budget: Budget, firstBytes = FIRST_WINDOW_BYTES): ReceiveWindow {
  let consumed = 0;
  let received = 0;
  let granted = 0;
  let windowBytes = firstBytes;
  /** Start of the current measurement: offset and time. */
  let epochOffset = 0;
  let epochAtMs = 0;

  /**
   * A window permits at most its own size per round trip, and at least half of it. If the throughput, measured over two window
   * sizes because a burst from a buffer is no rate, comes near that, the window limits the sender, and it grows.
   */
  function grow(nowMs: number, rttMs: number | null): void {
    if (consumed - epochOffset < EPOCH_WINDOWS * windowBytes) return;
    const isLimit = rttMs !== null && nowMs - epochAtMs <= MAX_ROUND_TRIPS_PER_WINDOW * EPOCH_WINDOWS * rttMs;
    epochOffset = consumed;
    epochAtMs = nowMs;
    if (isLimit && !add((GROWTH - 1) * windowBytes)) add(windowBytes);
  }

  /** @returns false: the budget does not have it */
  function add(wanted: number): boolean {
    const more = Math.min(wanted, MAX_STREAM_WINDOW_BYTES - windowBytes);
    if (more <= 0 || !budget.take(more)) return false;
    windowBytes += more;
    return true;
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
      // Grants half a window at a time: few frames, and a steady reader never stalls the sender.
      if (granted - consumed > windowBytes / 2) return null;
      grow(nowMs, rttMs);
      return grant();
    },
    grantUpTo(offset) {
      granted = Math.max(granted, offset);
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

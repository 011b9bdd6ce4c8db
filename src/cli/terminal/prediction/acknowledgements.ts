import type { Acknowledged } from './predictor.ts';

/**
 * Tells what became of keys by pings that are sent after them. A pong comes behind everything that the host had sent when it
 * answered. A key is settled when a ping is answered that was sent so much later that the program had time for it; it is certain
 * to be if that ping was sent when the pong of the first one was here, since packets that were lost come together later.
 */
export interface Acknowledgements {
  readonly acknowledged: Acknowledged;
  /** Keys up to this number are being sent. */
  handleTyped(number: number, nowMs: number): void;
  /** A ping that was sent at this time has been answered. */
  handlePong(sentAtMs: number, nowMs: number): void;
}

/** A program that has received a key shows what comes of it in this time. */
export const SETTLE_MS = 100;
/** Most programs do in this one. */
const LIKELY_MS = 25;

interface SentKeys {
  readonly number: number;
  readonly atMs: number;
  receivedAtMs: number | null;
}

/** Creates the acknowledgements of one terminal. */
export function createAcknowledgements(): Acknowledgements {
  let sent: SentKeys[] = [];
  let acknowledged: Acknowledged = { received: 0, likely: 0, settled: 0, certain: 0 };

  return {
    get acknowledged() {
      return acknowledged;
    },
    handleTyped(number, atMs) {
      sent.push({ number, atMs, receivedAtMs: null });
    },
    handlePong(sentAtMs, nowMs) {
      const lastOf = (least: number, isMeant: (each: SentKeys) => boolean): number =>
        Math.max(least, sent.findLast(isMeant)?.number ?? 0);
      acknowledged = {
        received: lastOf(acknowledged.received, ({ atMs }) => atMs <= sentAtMs),
        likely: lastOf(acknowledged.likely, ({ atMs }) => atMs <= sentAtMs - LIKELY_MS),
        settled: lastOf(acknowledged.settled, ({ atMs }) => atMs <= sentAtMs - SETTLE_MS),
        certain: lastOf(
          acknowledged.certain,
          ({ atMs, receivedAtMs }) =>
            atMs <= sentAtMs - SETTLE_MS && receivedAtMs !== null && receivedAtMs <= sentAtMs,
        ),
      };
      for (const each of sent) if (each.number <= acknowledged.received) each.receivedAtMs ??= nowMs;
      sent = sent.filter(({ number }) => number > acknowledged.certain);
    },
  };
}

import type { Mux } from '../protocol/mux.ts';

/** Pings under way, and what they measure. */
export interface Pings {
  /** The round trip in milliseconds; null when the link ended before the answer. */
  send(): Promise<number | null>;
  /** A new connection: what was lost with the old one is asked again. */
  restate(): void;
  /** A pong: one that was not asked for is ignored. */
  handlePong(payload: Uint8Array): void;
  handleLinkEnd(): void;
}

interface Pending {
  sentAtMs: number;
  readonly resolve: (rttMs: number | null) => void;
}

/** Pings of a link, each known by its number in the payload; what they measure goes to the windows' growth. */
export function createPings(mux: Mux, now: () => number): Pings {
  const pending = new Map<bigint, Pending>();
  let last = 0n;

  function ask(number: bigint): void {
    const payload = new Uint8Array(8);
    new DataView(payload.buffer).setBigUint64(0, number);
    mux.ping(payload);
  }

  return {
    send() {
      ask(++last);
      const { promise, resolve } = Promise.withResolvers<number | null>();
      pending.set(last, { sentAtMs: now(), resolve });
      return promise;
    },
    restate() {
      for (const [number, ping] of pending) {
        ping.sentAtMs = now();
        ask(number);
      }
    },
    handlePong(payload) {
      const number = new DataView(payload.buffer, payload.byteOffset).getBigUint64(0);
      const ping = pending.get(number);
      if (!ping) return;
      pending.delete(number);
      const rttMs = now() - ping.sentAtMs;
      mux.setRtt(rttMs);
      ping.resolve(rttMs);
    },
    handleLinkEnd() {
      for (const ping of pending.values()) ping.resolve(null);
      pending.clear();
    },
  };
}

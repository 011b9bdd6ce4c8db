import type { Liveness } from './transport.ts';

/** Looks again and again whether the peer of a connection is alive. */
export interface Keepalive {
  /** The peer has said that it will be silent: it is waited for until it is heard again. */
  excuse(): void;
  stop(): void;
}

/** What it looks at, and what it does. */
export interface KeepaliveWork {
  /** Bytes that have come from the peer, ever. */
  heardBytes(): number;
  /** We ourselves read nothing at the moment: silence says nothing then. */
  isDeaf(): boolean;
  /** The peer was silent for a while: ask it for a sign of life. */
  ask(): void;
  /** At each look: what waits for a quiet moment may be done. */
  tend(): void;
  handleDead(silentMs: number): void;
}

/** Looks without a byte, after which the peer is dead: the first of them may follow right on a byte. */
const DEAD_AFTER_LOOKS = 2;

/**
 * Any byte counts as life. A peer that is asked and says nothing is dead within three intervals of its last byte. A look
 * that comes late (this process was stopped, or its machine asleep) has seen nothing of the time in between, and starts over.
 */
export function startKeepalive(work: KeepaliveWork, intervalMs: number, liveness: Liveness): Keepalive {
  let state: 'listening' | 'excused' = 'listening';
  let heardBytes = work.heardBytes();
  let silentLooks = 0;
  let dueMs = performance.now() + intervalMs;
  // The socket keeps the process alive, unless it was told not to
  let timer = setTimeout(look, intervalMs).unref();

  function look(): void {
    const isLate = performance.now() - dueMs > intervalMs;
    dueMs = performance.now() + intervalMs;
    timer = setTimeout(look, intervalMs).unref();
    decide(isLate);
  }

  function decide(isLate: boolean): void {
    const bytes = work.heardBytes();
    const isHeard = bytes !== heardBytes;
    heardBytes = bytes;
    if (state === 'excused' && !isHeard) return;
    state = 'listening';
    silentLooks = isHeard || isLate || work.isDeaf() ? 0 : silentLooks + 1;
    work.tend();
    if (liveness !== 'own') return;
    if (silentLooks >= DEAD_AFTER_LOOKS) {
      clearTimeout(timer);
      work.handleDead(Math.round((DEAD_AFTER_LOOKS + 1) * intervalMs));
    } else if (silentLooks > 0 || isLate) work.ask();
  }

  return {
    excuse() {
      state = 'excused';
      heardBytes = work.heardBytes();
    },
    stop: () => clearTimeout(timer),
  };
}

import {
  DOOR_FIRST_PENALTY_MS,
  DOOR_OFFENCE_MS,
  DOOR_PATIENCE_MS,
  DOOR_PENALTY_MEMORY_MS,
  MAX_DOOR_PENALTY_MS,
  MAX_PENALIZED_SOURCES,
} from '../limits.ts';

/** What a connection did that came to no login. */
export type Offence = keyof typeof DOOR_OFFENCE_MS;

/** What is held against sources, sans IO. */
export interface Penalties {
  /** Until when connections from there are refused; null: they are accepted. */
  shutOutUntil(source: string, nowMs: number): number | null;
  /** Books an offence. @returns when the source is shut out until, if that is because of this one; else null */
  book(source: string, offence: Offence, nowMs: number): number | null;
}

interface Debt {
  /** What is booked and has not run off by this time yet: it shrinks by a millisecond in each. */
  readonly paidOffAtMs: number;
  readonly shutOutUntilMs: number;
  /** How often it was shut out: each time is twice as long as the last. */
  readonly times: number;
  /** Of the last offence. */
  readonly atMs: number;
}

const NO_DEBT: Debt = {
  paidOffAtMs: Number.NEGATIVE_INFINITY,
  shutOutUntilMs: Number.NEGATIVE_INFINITY,
  times: 0,
  atMs: Number.NEGATIVE_INFINITY,
};

/**
 * Each offence costs its source some time, which runs off by itself. A source that has more booked than a careless user
 * would is shut out, each time for twice as long; one that has done nothing for long is forgotten.
 */
export function createPenalties(): Penalties {
  /** By their last offence, the oldest first. */
  const debts = new Map<string, Debt>();

  function find(source: string, nowMs: number): Debt {
    const debt = debts.get(source);
    if (debt === undefined) return NO_DEBT;
    if (nowMs < Math.max(debt.atMs, debt.shutOutUntilMs) + DOOR_PENALTY_MEMORY_MS) return debt;
    debts.delete(source);
    return NO_DEBT;
  }

  function keep(source: string, debt: Debt): void {
    debts.delete(source);
    debts.set(source, debt);
    if (debts.size <= MAX_PENALIZED_SOURCES) return;
    for (const oldest of debts.keys()) {
      debts.delete(oldest);
      return;
    }
  }

  return {
    shutOutUntil(source, nowMs) {
      const { shutOutUntilMs } = find(source, nowMs);
      return nowMs < shutOutUntilMs ? shutOutUntilMs : null;
    },
    book(source, offence, nowMs) {
      const debt = find(source, nowMs);
      // Connections that were open when it was shut out add nothing: they are what it was shut out for.
      if (nowMs < debt.shutOutUntilMs) return null;
      const paidOffAtMs = Math.max(debt.paidOffAtMs, nowMs) + DOOR_OFFENCE_MS[offence];
      if (paidOffAtMs - nowMs < DOOR_PATIENCE_MS) {
        keep(source, { ...debt, paidOffAtMs, atMs: nowMs });
        return null;
      }
      const lengthMs = Math.min(DOOR_FIRST_PENALTY_MS * 2 ** debt.times, MAX_DOOR_PENALTY_MS);
      const shutOutUntilMs = nowMs + lengthMs;
      keep(source, { paidOffAtMs: nowMs, shutOutUntilMs, times: debt.times + 1, atMs: nowMs });
      return shutOutUntilMs;
    },
  };
}

import { RexaError } from '../../protocol/errors.ts';
import { MAX_REMEMBERED_RUNS, RUN_ID_MEMORY_MS } from '../../protocol/limits.ts';
import type { Outcome } from '../../protocol/outcome.ts';

/** The ids of runs that are no jobs: in memory, for a bounded time and number. */
export interface RunMemory {
  /**
   * Runs something under an id, unless that was done before: then it gives what became of it, once that is known.
   * A run that comes to nothing leaves its id free.
   * @throws RexaError RUN_ID_TAKEN
   */
  once(
    asked: { readonly owner: string; readonly id: string; readonly hash: string },
    run: () => Promise<Outcome>,
  ): Promise<{ readonly outcome: Outcome; readonly repeated: boolean }>;
}

interface Remembered {
  readonly hash: string;
  readonly outcome: Promise<Outcome>;
  /** Null while it goes on. */
  endedMs: number | null;
}

/** @param now a clock in milliseconds */
export function createRunMemory(now: () => number = () => performance.now()): RunMemory {
  /** In the order in which they were asked for. */
  const runs = new Map<string, Remembered>();

  /** From the oldest on: those that are too old, and what is over the number. One that goes on is kept. */
  function forgetOldest(): void {
    for (const [key, { endedMs }] of runs) {
      if (endedMs === null) continue;
      if (runs.size <= MAX_REMEMBERED_RUNS && endedMs + RUN_ID_MEMORY_MS > now()) return;
      runs.delete(key);
    }
  }

  return {
    async once({ owner, id, hash }, run) {
      forgetOldest();
      const key = `${owner}\0${id}`;
      const known = runs.get(key);
      if (known && known.hash !== hash) throw new RexaError('RUN_ID_TAKEN', [id]);
      if (known) return { outcome: await known.outcome, repeated: true };
      const remembered: Remembered = { hash, outcome: run(), endedMs: null };
      runs.set(key, remembered);
      try {
        const outcome = await remembered.outcome;
        remembered.endedMs = now();
        return { outcome, repeated: false };
      } catch (error) {
        runs.delete(key);
        throw error;
      }
    },
  };
}

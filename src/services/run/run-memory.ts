import { RexaError } from '../../protocol/errors.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import { MAX_REMEMBERED_RUNS_IN_ALL, RUN_ID_MEMORY_MS } from '../limits.ts';

/** A run under an id. */
export interface AskedRun {
  readonly owner: string;
  readonly id: string;
  readonly hash: string;
  /** How many ids of this owner are remembered. */
  readonly most: number;
}

/** The ids of runs that are no jobs: in memory, for a bounded time and number. Nobody's ids are forgotten for another's. */
export interface RunMemory {
  /**
   * Runs something under an id, unless that was done before: then it gives what became of it, once that is known.
   * A run that comes to nothing leaves its id free.
   * @throws RexaError RUN_ID_TAKEN
   */
  once(
    asked: AskedRun,
    run: () => Promise<Outcome>,
  ): Promise<{ readonly outcome: Outcome; readonly repeated: boolean }>;
}

interface Remembered {
  readonly hash: string;
  readonly outcome: Promise<Outcome>;
  /** Null while it goes on. */
  endedMs: number | null;
}

/** By their ids, in the order in which they were asked for. */
type Runs = Map<string, Remembered>;

/** @param now a clock in milliseconds */
export function createRunMemory(now: () => number = () => performance.now()): RunMemory {
  const owners = new Map<string, Runs>();
  let total = 0;

  function runsOf(owner: string): Runs {
    const known = owners.get(owner);
    if (known) return known;
    const runs: Runs = new Map();
    owners.set(owner, runs);
    return runs;
  }

  function forget(owner: string, id: string): void {
    const runs = owners.get(owner);
    if (runs?.delete(id)) total--;
    if (runs?.size === 0) owners.delete(owner);
  }

  /** From the oldest on: those that are too old, and what is over the number. One that goes on is kept. */
  function forgetOldest(owner: string, most: number): void {
    const runs = owners.get(owner) ?? new Map<string, Remembered>();
    for (const [id, { endedMs }] of runs) {
      if (endedMs === null) continue;
      if (runs.size <= most && endedMs + RUN_ID_MEMORY_MS > now()) return;
      forget(owner, id);
    }
  }

  /** Forgets ids that are too old, and above the total those of the principal with most. */
  function tidy(): void {
    for (const owner of owners.keys()) forgetOldest(owner, Number.POSITIVE_INFINITY);
    if (total <= MAX_REMEMBERED_RUNS_IN_ALL) return;
    const [owner, runs] = [...owners].reduce((one, other) => (other[1].size > one[1].size ? other : one));
    forgetOldest(owner, runs.size - (total - MAX_REMEMBERED_RUNS_IN_ALL));
  }

  return {
    async once({ owner, id, hash, most }, run) {
      tidy();
      forgetOldest(owner, most);
      const known = owners.get(owner)?.get(id);
      if (known && known.hash !== hash) throw new RexaError('RUN_ID_TAKEN', [id]);
      if (known) return { outcome: await known.outcome, repeated: true };
      const remembered: Remembered = { hash, outcome: run(), endedMs: null };
      runsOf(owner).set(id, remembered);
      total++;
      try {
        const outcome = await remembered.outcome;
        remembered.endedMs = now();
        return { outcome, repeated: false };
      } catch (error) {
        forget(owner, id);
        throw error;
      }
    },
  };
}

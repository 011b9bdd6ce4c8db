import type { PlannedCase } from '../plan/plan.ts';
import type { CaseStatus } from './case-result.ts';

/** What becomes of a case: it is run, or why it is not. */
export type Turn = { readonly kind: 'run' } | { readonly kind: 'leave-out'; readonly reason: string };

/**
 * Runs the cases of a batch, so many at once, each behind those that it needs.
 * @param stop why no more are begun; null: they are
 */
export async function runBatch(
  cases: readonly PlannedCase[],
  width: number,
  run: (planned: PlannedCase, turn: Turn) => Promise<CaseStatus>,
  stop: () => string | null,
): Promise<void> {
  const waiting = [...cases];
  const over = new Map<number, CaseStatus>();
  const own = new Set(cases.map(({ index }) => index));
  const running = new Set<Promise<void>>();
  const isReady = ({ needs }: PlannedCase): boolean =>
    needs.every((need) => over.has(need) || !own.has(need));
  while (waiting.length > 0 || running.size > 0) {
    const at = running.size < width ? waiting.findIndex(isReady) : -1;
    const [next] = at === -1 ? [] : waiting.splice(at, 1);
    if (next === undefined) {
      await Promise.race(running);
      continue;
    }
    const turn = chooseTurn(next, over, stop());
    const task: Promise<void> = run(next, turn).then((status) => {
      over.set(next.index, status);
      running.delete(task);
    });
    running.add(task);
  }
}

function chooseTurn(
  { skip, needs, test }: PlannedCase,
  over: ReadonlyMap<number, CaseStatus>,
  stopped: string | null,
): Turn {
  if (skip !== null) return { kind: 'leave-out', reason: skip };
  const failed = needs.findIndex((need) => !['passed', 'flaky'].includes(over.get(need) ?? 'passed'));
  if (failed !== -1) {
    const status = over.get(needs[failed] ?? -1);
    return {
      kind: 'leave-out',
      reason: `it needs '${test.needs[failed]}', which ${status === 'skipped' ? 'was skipped' : 'failed'}`,
    };
  }
  return stopped === null ? { kind: 'run' } : { kind: 'leave-out', reason: stopped };
}

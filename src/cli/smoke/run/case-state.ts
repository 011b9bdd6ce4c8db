import type { CaseStatus } from './case-result.ts';

/** Where a test on a host is. */
export type CaseState = 'waiting' | 'trying' | 'pausing' | CaseStatus;

/** What happens to it. */
export type CaseEvent =
  /** It is its turn. */
  | 'begin'
  /** It will not be run: it is left out, what it needs has failed, or the run is stopped. */
  | 'leave-out'
  | 'pass'
  /** It failed, and may be tried again. */
  | 'fail-for-now'
  /** It failed for good. */
  | 'fail'
  /** The run is stopped while it waits for its next try. */
  | 'stop';

/** Every move there is; what is not here cannot happen. */
const MOVES: Readonly<Record<CaseState, Readonly<Partial<Record<CaseEvent, CaseState>>>>> = {
  waiting: { begin: 'trying', 'leave-out': 'skipped' },
  trying: { pass: 'passed', 'fail-for-now': 'pausing', fail: 'failed' },
  pausing: { begin: 'trying', stop: 'failed' },
  passed: {},
  failed: {},
  flaky: {},
  skipped: {},
};

/** @param tries how often it was tried: one that passes later than at first is flaky */
export function moveCase(state: CaseState, event: CaseEvent, tries: number): CaseState {
  const next = MOVES[state][event];
  if (next === undefined) throw new Error(`a test that is ${state} cannot ${event}`);
  return next === 'passed' && tries > 1 ? 'flaky' : next;
}

export function isOver(state: CaseState): state is CaseStatus {
  return Object.keys(MOVES[state]).length === 0;
}

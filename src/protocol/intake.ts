import { type Budget, createBudget } from './budget.ts';
import { MAX_CONTROL_BYTES } from './limits.ts';

/** What holds how much memory requests have. */
export type RequestBudget = Omit<Budget, 'freeBytes'>;

/** What a peer may send in control messages, before anything of them is parsed. May change while the link lives. */
export interface Intake {
  /** Of one request. */
  readonly maxRequestBytes: number;
  /** Values and keys of one request. */
  readonly maxRequestItems: number;
  /** Of one message, or close. */
  readonly maxMessageBytes: number;
  readonly maxMessageItems: number;
  /** Memory of requests that are unfinished, or whose service has not taken them yet. */
  readonly budget: RequestBudget;
}

/** For peers of our own: a client's daemon, the daemon and its supervisor. */
export function unlimitedIntake(): Intake {
  return {
    maxRequestBytes: MAX_CONTROL_BYTES,
    maxRequestItems: Number.POSITIVE_INFINITY,
    maxMessageBytes: MAX_CONTROL_BYTES,
    maxMessageItems: Number.POSITIVE_INFINITY,
    budget: createBudget(Number.POSITIVE_INFINITY),
  };
}

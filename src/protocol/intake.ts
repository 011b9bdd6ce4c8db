import { type Budget, createBudget } from './budget.ts';
import { MAX_CONTROL_BYTES } from './limits.ts';

/** The memory budget of requests. */
export type RequestBudget = Omit<Budget, 'freeBytes'>;

/** Limits of a peer's control messages, enforced before parsing. They may change during the link. */
export interface Intake {
  /** Size of one request. */
  readonly maxRequestBytes: number;
  /** Values and keys of one request. */
  readonly maxRequestItems: number;
  /** Size of one message or close. */
  readonly maxMessageBytes: number;
  readonly maxMessageItems: number;
  /** Memory of requests that are incomplete, or that their service has not accepted yet. */
  readonly budget: RequestBudget;
}

/** Returns the limits for trusted peers: the client's daemon, and daemon and supervisor. */
export function unlimitedIntake(): Intake {
  return {
    maxRequestBytes: MAX_CONTROL_BYTES,
    maxRequestItems: Number.POSITIVE_INFINITY,
    maxMessageBytes: MAX_CONTROL_BYTES,
    maxMessageItems: Number.POSITIVE_INFINITY,
    budget: createBudget(Number.POSITIVE_INFINITY),
  };
}

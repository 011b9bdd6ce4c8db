import type { LinkChannel } from '../../link/channel.ts';
import { type ErrorCode, RexaError } from '../../protocol/errors.ts';
import type { RunProgress } from './progress-messages.ts';
import type { SupervisorFinalMessage, SupervisorRequest } from './supervisor-messages.ts';

/** What the supervisor answers first: that the channel is attached to a job, or all that there is to say. */
export type SupervisorAnswer =
  | {
      readonly kind: 'attached';
      readonly channel: LinkChannel;
      readonly first: Extract<RunProgress, { type: 'job' }>;
    }
  | { readonly kind: 'done'; readonly last: SupervisorFinalMessage };

/** The supervisor, as the services of a daemon ask it. */
export interface AskedSupervisor {
  /**
   * Asks the supervisor. A request that a supervisor which has just gone did not answer is asked of the next one: that is safe,
   * since a job that the first one has recorded is not run by the second.
   * @throws RexaError what the supervisor refused with, SUPERVISOR_START_FAILED, SUPERVISOR_UNREACHABLE
   */
  ask(request: SupervisorRequest): Promise<SupervisorAnswer>;
}

const UNCHECKED: readonly string[] = [
  'SUPERVISOR_START_FAILED',
  'SUPERVISOR_UNREACHABLE',
] satisfies readonly ErrorCode[];

/** Tells whether a request failed before it was clear whether its id was used. */
export function failedUnchecked(error: unknown): error is RexaError {
  return error instanceof RexaError && UNCHECKED.includes(error.code);
}

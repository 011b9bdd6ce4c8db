import type { LinkChannel } from '../../link/channel.ts';
import type { JsonObject } from '../../protocol/control.ts';
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

/** What the supervisor answers first to a request that may go on: a message, or its last word. */
export type OpenedAnswer =
  | { readonly kind: 'open'; readonly channel: LinkChannel; readonly message: JsonObject }
  | { readonly kind: 'closed'; readonly last: JsonObject };

/** How a channel to the supervisor is opened. */
export interface OpenOptions {
  /** The streams that are read. */
  readonly receive: readonly number[];
  /** Their first window; absent: as for bulk. */
  readonly windowBytes?: number;
  /** The error where a supervisor may have taken the request and is gone; undefined: the next one is asked. */
  readonly lost?: RexaError;
}

/** The supervisor, as the services of a daemon ask it. */
export interface AskedSupervisor {
  /** Whether there may be records of earlier jobs, also where no supervisor can be reached. */
  hasRecords(): boolean;
  /**
   * Asks the supervisor. A request that a supervisor which has just gone did not answer is asked of the next one: that is safe,
   * since a job that the first one has recorded is not run by the second.
   * @throws RexaError what the supervisor refused with, SUPERVISOR_START_FAILED, SUPERVISOR_UNREACHABLE
   */
  ask(request: SupervisorRequest): Promise<SupervisorAnswer>;
  /**
   * Opens a channel, and waits for the first answer.
   * @throws RexaError what the supervisor refused with, `lost`, SUPERVISOR_START_FAILED, SUPERVISOR_UNREACHABLE
   */
  open(request: JsonObject, options: OpenOptions): Promise<OpenedAnswer>;
}

const UNCHECKED: readonly string[] = [
  'SUPERVISOR_START_FAILED',
  'SUPERVISOR_UNREACHABLE',
] satisfies readonly ErrorCode[];

/** Tells whether a request failed before it was clear whether its id was used. */
export function failedUnchecked(error: unknown): error is RexaError {
  return error instanceof RexaError && UNCHECKED.includes(error.code);
}

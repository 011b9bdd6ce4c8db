import type { RunResult } from '../../client/run-types.ts';
import { type CancelCause, EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED, statusOfSignal } from '../exit-status.ts';
import type { Messages } from '../output/messages.ts';
import type { ConductedRun } from '../run/run-plan.ts';

/** What of it is needed. */
type LeftRun = Pick<ConductedRun, 'endsWithClient'> & {
  readonly result: Pick<RunResult<unknown>, 'id' | 'host'>;
};

/**
 * Says that a job was left, and what becomes of it.
 * @returns the exit status
 */
export function leaveJob(
  why: CancelCause | 'detached',
  { result: { id, host }, endsWithClient = false }: LeftRun,
  messages: Messages,
): number {
  if (why === 'detached') return 0;
  messages.warn(
    endsWithClient
      ? `detached from the job ${id}, which ends with its last client`
      : `detached from the job ${id}, which continues; to attach again: rexa attach ${host} ${id}`,
  );
  if (why === 'stdout-closed') return EXIT_STDOUT_CLOSED;
  return why === 'stdout-failed' ? EXIT_REXA_FAILED : statusOfSignal(why);
}

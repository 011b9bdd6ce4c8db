import type { RunResult } from '../run-types.ts';
import { type CancelCause, EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED, statusOfSignal } from './exit-status.ts';
import type { Messages } from './messages.ts';

/**
 * What is said of a job that we left and that goes on.
 * @returns the exit status
 */
export function leaveJob(
  why: CancelCause | 'detached',
  { id, host }: Pick<RunResult<unknown>, 'id' | 'host'>,
  messages: Messages,
): number {
  if (why === 'detached') return 0;
  messages.warn(`left the job ${id} as it is: rexa attach ${host} ${id}`);
  if (why === 'stdout-closed') return EXIT_STDOUT_CLOSED;
  return why === 'stdout-failed' ? EXIT_REXA_FAILED : statusOfSignal(why);
}

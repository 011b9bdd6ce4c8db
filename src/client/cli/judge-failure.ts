import type { CancelCause } from './exit-status.ts';
import type { Messages } from './messages.ts';

const CLOSED_CODES: readonly unknown[] = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

/** What an error of our stdout means for the run. */
export function judgeFailure(error: NodeJS.ErrnoException, messages: Messages): CancelCause {
  if (CLOSED_CODES.includes(error.code)) return 'stdout-closed';
  messages.fail(`stdout cannot be written: ${error.message}`);
  return 'stdout-failed';
}

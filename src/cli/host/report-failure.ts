import type { CancelCause } from '../exit-status.ts';
import type { Messages } from '../output/messages.ts';

const CLOSED_CODES: readonly unknown[] = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

/** Tells whether the reader has closed the stream. */
export function isClosed({ code }: NodeJS.ErrnoException): boolean {
  return CLOSED_CODES.includes(code);
}

/** What an error of our stdout means for the run. */
export function reportFailure(error: NodeJS.ErrnoException, messages: Messages): CancelCause {
  if (isClosed(error)) return 'stdout-closed';
  messages.fail(`cannot write to stdout: ${error.message}`);
  return 'stdout-failed';
}

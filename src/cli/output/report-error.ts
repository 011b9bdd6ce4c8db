import { RexaError } from '../../protocol/errors.ts';
import { EXIT_REXA_FAILED } from '../exit-status.ts';
import type { Messages } from './messages.ts';

/**
 * Reports what a command failed with.
 * @returns the exit status
 * @throws what is no RexaError, and USAGE, whose report names the command
 */
export function reportError(error: unknown, messages: Messages): number {
  if (!(error instanceof RexaError) || error.code === 'USAGE') throw error;
  messages.fail(error.message);
  return EXIT_REXA_FAILED;
}

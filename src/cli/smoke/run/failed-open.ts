import { failedResult } from '../../../client/run-result.ts';
import type { RunOptions, RunResult } from '../../../client/run-types.ts';
import { RexaError } from '../../../protocol/errors.ts';
import { outcomeOfFailedOpen } from '../../../protocol/outcome.ts';

/** The result of a command of a test. */
export type CommandResult = RunResult<string | Uint8Array> & {
  /** Set where its host could not be opened, be it by a mistake at this end: no test of that host can run. */
  readonly isUnopened?: true;
};

/** Returns the result of a command whose host could not be opened. @throws what is no RexaError */
export function resultOfFailedOpen(
  called: string,
  error: unknown,
  options: Pick<RunOptions, 'encoding'>,
): CommandResult {
  if (!(error instanceof RexaError)) throw error;
  const result = failedResult(called, '', outcomeOfFailedOpen(error.code), error, options);
  return error.code === 'CANCELED' ? { ...result, outcome: 'canceled' } : { ...result, isUnopened: true };
}

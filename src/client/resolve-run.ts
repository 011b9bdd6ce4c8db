import { RunError, type RunErrorFacts } from './run-error.ts';
import { isWhole } from './run-result.ts';
import type { RunOptions, RunResult } from './run-types.ts';

/**
 * The result, or its error where only success is wanted.
 * @throws RunError
 */
export async function resolveRun(
  result: RunResult<string | Uint8Array>,
  options: Pick<RunOptions, 'reject'>,
  describe: () => RunErrorFacts,
): Promise<RunResult<string | Uint8Array>> {
  const succeeded =
    isWhole(result) && result.outcome === 'exited' && result.exitCode === 0 && !result.truncated;
  if (!succeeded && options.reject !== false) throw new RunError(result, describe());
  return result;
}

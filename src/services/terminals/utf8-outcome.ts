import type { JobOutcome } from '../../protocol/job.ts';
import type { Outcome } from '../../protocol/outcome.ts';

/** Returns the outcome of a program of the supervisor whose bytes are passed on as they are. */
export function utf8Outcome(outcome: Omit<JobOutcome, 'code'> & { readonly code: string | null }): Outcome {
  const receipt = { name: 'utf8', source: 'host', replaced: 0 } as const;
  return { ...outcome, encoding: { stdin: receipt, stdout: receipt, stderr: receipt } } as Outcome;
}

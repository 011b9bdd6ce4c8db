import { readHostName } from '../../client/host-name.ts';
import type { Candidate } from '../../command-line/completion-candidates.ts';
import { RexaError } from '../../protocol/errors.ts';
import { isQuietlyReachable, openQuietly } from '../host/open-quietly.ts';
import { describeCommand } from './describe-jobs.ts';

/**
 * Returns the jobs of a host whose ids begin so, the newest first. None where that would ask a person for something, or start
 * a daemon.
 */
export async function listJobCandidates(called: string, start: string): Promise<readonly Candidate[]> {
  if (!isQuietlyReachable(called)) return [];
  try {
    await using host = await openQuietly(readHostName(called));
    const jobs = await host.jobs();
    return jobs
      .filter(({ id }) => id.startsWith(start))
      .map((job) => ({ text: job.id, about: `${job.state}: ${describeCommand(job)}` }));
  } catch (error) {
    if (error instanceof RexaError) return [];
    throw error;
  }
}

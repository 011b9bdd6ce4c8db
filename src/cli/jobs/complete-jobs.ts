import type { Candidate } from '../../command-line/completion-candidates.ts';
import { askQuietly } from '../host/open-quietly.ts';
import { describeCommand } from './describe-jobs.ts';

/** Returns the jobs of a host whose ids begin so, the newest first; as askQuietly. */
export async function listJobCandidates(called: string, start: string): Promise<readonly Candidate[]> {
  const jobs = await askQuietly(called, (host) => host.jobs());
  return jobs
    .filter(({ id }) => id.startsWith(start))
    .map((job) => ({ text: job.id, about: `${job.state}: ${describeCommand(job)}` }));
}

import { readHostName } from '../../client/host-name.ts';
import type { Host } from '../../client/host-types.ts';
import { findClosestName } from '../../command-line/closest-name.ts';
import type { Parsed } from '../../command-line/command-spec.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { RexaError } from '../../protocol/errors.ts';
import { writeJsonLine } from '../../protocol/show-text.ts';
import type { JobInfo } from '../../services/jobs/client-types.ts';
import { EXIT_REXA_FAILED } from '../exit-status.ts';
import { withHost } from '../host/with-host.ts';
import { describeJobs } from '../jobs/describe-jobs.ts';
import { print } from '../output/print.ts';
import type { JOBS_COMMAND } from '../tables/jobs.ts';

/** `rexa jobs HOST`, and `rexa jobs prune HOST [JOB...]`. */
export async function run(parsed: Parsed<typeof JOBS_COMMAND>): Promise<number> {
  const { values, operands, rest } = parsed;
  const [first, ...others] = [...operands, ...(rest ?? [])];
  if (first === undefined) throw usageError('a HOST is missing: rexa jobs HOST');
  if (first === 'prune') return prune(parsed, others);
  if (others[0] !== undefined) throw refuseWords(first, others[0]);
  if (values.older !== undefined) throw usageError('--older is for rexa jobs prune');
  return withHost(readHostName(first), values, async (host, messages) => {
    const jobs = await host.jobs();
    if (jobs.length === 0 && !values.json) messages.warn(`no jobs on ${host.address}`);
    const text = values.json
      ? writeJsonLine({ v: 1, host: host.address, jobs })
      : describeJobs(jobs, Date.now());
    return print(text);
  });
}

async function prune(
  { values }: Parsed<typeof JOBS_COMMAND>,
  [host, ...jobs]: readonly string[],
): Promise<number> {
  if (host === undefined) throw usageError('a HOST is missing: rexa jobs prune HOST');
  return withHost(readHostName(host), values, async (opened, messages) => {
    const pruned = await forget(opened, jobs, values.older ?? 0);
    const status = await print(
      values.json
        ? writeJsonLine({ v: 1, host: opened.address, pruned })
        : pruned.map((id) => `${id}\n`).join(''),
    );
    const kept = jobs.filter((id) => !pruned.includes(id));
    if (kept.length === 0) return status;
    const known = new Map((await opened.jobs()).map((job) => [job.id, job]));
    for (const id of kept) messages.fail(describeKept(id, known.get(id)));
    return EXIT_REXA_FAILED;
  });
}

/** Two words are an action and a HOST; where the first is none, a slip is more likely than a host of that name. */
function refuseWords(first: string, second: string): Error {
  return findClosestName(first, ['prune']) === null
    ? usageError(`unexpected argument ${quoteWord(second)} for rexa jobs`)
    : usageError(`unknown action ${quoteWord(first)} for rexa jobs; did you mean prune?`);
}

function forget(host: Host, jobs: readonly string[], olderThan: number): Promise<readonly string[]> {
  return host.pruneJobs({ olderThan, ...(jobs.length === 0 ? {} : { jobs }) });
}

/** Why a job that was named is still there, or was not. */
function describeKept(id: string, job: JobInfo | undefined): string {
  if (job === undefined) return new RexaError('JOB_UNKNOWN', [id]).message;
  return job.state === 'running' || job.state === 'starting'
    ? `the job ${id} is still running; rexa kill ends it`
    : `the job ${id} ended more recently than --older says`;
}

import type { Host } from '../../client/host-types.ts';
import type { ParsedWords } from '../../command-line/parse-words.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { escapeJson } from '../../protocol/show-text.ts';
import { EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED } from '../exit-status.ts';
import { readHostName } from '../host/host-name.ts';
import { withHost } from '../host/with-host.ts';
import { describeJobs } from '../jobs/describe-jobs.ts';
import type { Messages } from '../output/messages.ts';
import { writeStandardOutput } from '../output/standard-output.ts';
import type { JOBS_COMMAND } from '../tables/jobs.ts';

type Parsed = ParsedWords<(typeof JOBS_COMMAND)['options']>;

/** `rexa jobs HOST`, and `rexa jobs prune HOST [JOB...]`. */
export async function run(parsed: Parsed): Promise<number> {
  const { values, operands, rest } = parsed;
  const [first, ...others] = [...operands, ...(rest ?? [])];
  if (first === undefined) throw usageError('a HOST is missing: rexa jobs HOST');
  if (first === 'prune') return prune(parsed, others);
  if (others[0] !== undefined) throw usageError(`unexpected argument ${quoteWord(others[0])} for rexa jobs`);
  if (values.older !== undefined) throw usageError('--older is for rexa jobs prune');
  return withHost(readHostName(first), values, async (host, messages) => {
    const jobs = await host.jobs();
    if (jobs.length === 0 && !values.json) messages.warn(`no jobs on ${host.address}`);
    const text = values.json
      ? `${escapeJson(JSON.stringify({ v: 1, host: host.address, jobs }))}\n`
      : describeJobs(jobs, Date.now());
    return print(text);
  });
}

async function prune({ values }: Parsed, [host, ...jobs]: readonly string[]): Promise<number> {
  if (host === undefined) throw usageError('a HOST is missing: rexa jobs prune HOST');
  return withHost(readHostName(host), values, async (opened, messages) => {
    const pruned = await forget(opened, jobs, values.older ?? 0);
    const status = await print(
      values.json
        ? `${escapeJson(JSON.stringify({ v: 1, host: opened.address, pruned }))}\n`
        : pruned.map((id) => `${id}\n`).join(''),
    );
    return warnOfKept(jobs, pruned, messages) ? EXIT_REXA_FAILED : status;
  });
}

function forget(host: Host, jobs: readonly string[], olderThan: number): Promise<readonly string[]> {
  return host.pruneJobs({ olderThan, ...(jobs.length === 0 ? {} : { jobs }) });
}

function warnOfKept(asked: readonly string[], pruned: readonly string[], messages: Messages): boolean {
  const kept = asked.filter((id) => !pruned.includes(id));
  for (const id of kept) messages.fail(`the job ${id} was not removed: it is running or does not exist`);
  return kept.length > 0;
}

async function print(text: string): Promise<number> {
  return (await writeStandardOutput(text)) ? 0 : EXIT_STDOUT_CLOSED;
}

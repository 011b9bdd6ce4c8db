import type { ParsedWords } from '../../command-line/parse-words.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { JobLogs } from '../jobs/job-types.ts';
import { openStandardSink } from './byte-sink.ts';
import { copyOutput } from './copy-output.ts';
import { EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED } from './exit-status.ts';
import { judgeFailure } from './judge-failure.ts';
import type { Messages } from './messages.ts';
import { readJobWords } from './read-job-words.ts';
import type { LOGS_COMMAND } from './tables/jobs.ts';
import { withHost } from './with-host.ts';

/** `rexa logs`: what a job has written. Signals end us as any other program: the job takes no notice. */
export async function run({
  values,
  operands,
}: ParsedWords<(typeof LOGS_COMMAND)['options']>): Promise<number> {
  const { job, ...name } = readJobWords('logs', operands);
  const { since, encoding, follow } = values;
  return withHost(name, values, (host, messages) =>
    printLogs(
      host.job(job).logs({
        follow,
        ...(since === undefined ? {} : { since }),
        ...(encoding === undefined ? {} : { encoding }),
      }),
      messages,
    ),
  );
}

async function printLogs(logs: JobLogs, messages: Messages): Promise<number> {
  const stopped = Promise.withResolvers<number>();
  const copies = [
    copyOutput(logs.stdout, openStandardSink(1), (error) => {
      stopped.resolve(
        judgeFailure(error, messages) === 'stdout-closed' ? EXIT_STDOUT_CLOSED : EXIT_REXA_FAILED,
      );
      logs.leave();
    }),
    // Nobody can be told that stderr is gone
    copyOutput(logs.stderr, openStandardSink(2), () => {}),
  ];
  return Promise.race([tellEnd(logs, copies, messages), stopped.promise]);
}

async function tellEnd(
  logs: JobLogs,
  copies: readonly { readonly done: Promise<void> }[],
  messages: Messages,
): Promise<number> {
  const { job, missingBytes, trouble } = await logs;
  await Promise.all(copies.map(({ done }) => done));
  if (job.note !== null) messages.warn(job.state === 'lost' ? `the job is lost: ${job.note}` : job.note);
  const lack =
    missingBytes > 0 ? new RexaError('OUTPUT_MISSING', [missingBytes, 'they were not kept']) : null;
  const failure = trouble ?? lack?.message;
  if (failure === undefined) return 0;
  messages.fail(failure);
  return EXIT_REXA_FAILED;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { RECONNECT_FOR_MS } from '../../client/limits.ts';
import type { Parsed } from '../../command-line/command-spec.ts';
import { type ErrorCode, RexaError } from '../../protocol/errors.ts';
import type { JobLogs } from '../../services/jobs/client-types.ts';
import { EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED } from '../exit-status.ts';
import { isClosed, reportFailure } from '../host/report-failure.ts';
import { openGreeted } from '../host/with-host.ts';
import { readJobWords } from '../jobs/read-job-words.ts';
import { DRAIN_RETRY_MS } from '../limits.ts';
import { createMessages, type Messages } from '../output/messages.ts';
import { openStandardSink } from '../output/standard-streams.ts';
import { type ContinuedOutput, createContinuedOutput } from '../run/continued-output.ts';
import { copyOutput } from '../run/copy-output.ts';
import { describeReplaced } from '../run/describe-outcome.ts';
import { createReadingStart } from '../run/reading-start.ts';
import type { LOGS_COMMAND } from '../tables/jobs.ts';

type Outputs = readonly [stdout: ContinuedOutput, stderr: ContinuedOutput];

/**
 * `rexa logs`: what a job has written. Signals end us as any other program: the job takes no notice. When the daemon is
 * killed, restarted or replaced meanwhile, the next one is asked, and output goes on behind the last byte.
 */
export async function run({ values, operands }: Parsed<typeof LOGS_COMMAND>): Promise<number> {
  const { job, ...name } = readJobWords('logs', operands);
  const { since, encoding, follow } = values;
  const messages = createMessages(values);
  const start = createReadingStart(since);
  const outputs = [createContinuedOutput(), createContinuedOutput()] as const;

  return readThroughRestarts(async (handleReached) => {
    await using host = await openGreeted(name, values, messages);
    handleReached();
    const logs = host.job(job).logs({ follow, ...start.options, encoding });
    start.follow(logs);
    return await printLogs(logs, outputs, messages);
  }, messages);
}

/** What becomes of a connection when its daemon goes, and the next one does not listen yet. */
const PASSING: readonly string[] = [
  'LINK_LOST',
  'SHUTTING_DOWN',
  'CONNECT_FAILED',
  'CONNECT_TIMEOUT',
] satisfies readonly ErrorCode[];

/**
 * Reads again when the connection was lost.
 * @param read calls `handleReached` when a daemon has answered
 */
async function readThroughRestarts(
  read: (handleReached: () => void) => Promise<number>,
  messages: Messages,
): Promise<number> {
  let isReached = false;
  let untilMs = 0;
  for (;;) {
    try {
      return await read(() => {
        isReached = true;
      });
    } catch (error) {
      if (!(error instanceof RexaError) || error.code === 'USAGE') throw error;
      if (isReached) untilMs = performance.now() + RECONNECT_FOR_MS;
      isReached = false;
      if (!PASSING.includes(error.code) || performance.now() >= untilMs) {
        messages.fail(error.message);
        return EXIT_REXA_FAILED;
      }
      messages.debug(1, `${error.message}; asking again`);
      await sleep(DRAIN_RETRY_MS);
    }
  }
}

async function printLogs(logs: JobLogs, outputs: Outputs, messages: Messages): Promise<number> {
  const stopped = Promise.withResolvers<number>();
  let lost = 0;
  const copies = [
    copyOutput(outputs[0].rest(logs.stdout), openStandardSink(1), (error) => {
      stopped.resolve(
        reportFailure(error, messages) === 'stdout-closed' ? EXIT_STDOUT_CLOSED : EXIT_REXA_FAILED,
      );
      logs.leave();
    }),
    // Without stderr, only the exit status can report it
    copyOutput(outputs[1].rest(logs.stderr), openStandardSink(2), (error) => {
      lost = isClosed(error) ? EXIT_STDOUT_CLOSED : EXIT_REXA_FAILED;
    }),
  ];
  const status = await Promise.race([reportEnd(logs, copies, outputs, messages), stopped.promise]);
  return status === 0 ? lost : status;
}

async function reportEnd(
  logs: JobLogs,
  copies: readonly { readonly done: Promise<void> }[],
  outputs: Outputs,
  messages: Messages,
): Promise<number> {
  const end = await logs.catch((error: unknown) => ({ error }));
  // What came before a loss is passed on before it is read again
  await Promise.all(copies.map(({ done }) => done));
  if ('error' in end) throw end.error;
  const { job, missingBytes, trouble, encoding } = end;
  if (encoding !== null)
    for (const each of describeReplaced(encoding, { hasEncodingOption: true })) messages.warn(each);
  if (job.note !== null) messages.warn(job.state === 'lost' ? `the job is lost: ${job.note}` : job.note);
  const lack =
    missingBytes > 0 ? new RexaError('OUTPUT_MISSING', [missingBytes, 'they were not kept']) : null;
  const changed = outputs.some(({ isBroken }) => isBroken) ? new RexaError('OUTPUT_CHANGED', [job.id]) : null;
  const failure = trouble ?? (changed ?? lack)?.message;
  if (failure === undefined) return 0;
  messages.fail(failure);
  return EXIT_REXA_FAILED;
}

import { finished, Readable, type Writable } from 'node:stream';
import { ask, readAnswer } from '../../client/ask.ts';
import type { AskedHost } from '../../client/asked-host.ts';
import { quoteWord } from '../../client/command-line.ts';
import { describeEnd } from '../../client/describe-end.ts';
import { followProgress, followRun } from '../../client/follow-run.ts';
import { makeRun } from '../../client/make-run.ts';
import { resolveRun } from '../../client/resolve-run.ts';
import { type Ending, endingOfError } from '../../client/run-result.ts';
import type { RemoteRun, RunOptions } from '../../client/run-types.ts';
import type { LinkChannel } from '../../link/channel.ts';
import type { Link } from '../../link/link.ts';
import { RexaError } from '../../protocol/errors.ts';
import type {
  AttachOptions,
  JobInfo,
  JobLogs,
  JobsHost,
  LogEnd,
  LogOptions,
  RemoteJob,
} from './client-types.ts';
import { jobsAnswerSchema } from './progress-messages.ts';

const OUTPUT = [0, 1];

/** Gives a host its jobs. */
export function hostJobs(host: AskedHost): JobsHost {
  return {
    async jobs() {
      const { jobs = [] } = await ask(host, { service: 'jobs' }, jobsAnswerSchema);
      return jobs;
    },
    job: (id) => openJob(host, id),
    async pruneJobs({ jobs, olderThan } = {}) {
      const request = { service: 'prune', jobs: jobs ?? null, olderMs: olderThan ?? 0 };
      return (await ask(host, request, jobsAnswerSchema)).pruned ?? [];
    },
  };
}

/** One job on a host; nothing is asked before something is wanted of it. */
function openJob(host: AskedHost, id: string): RemoteJob {
  const { link, address } = host;
  return {
    id,
    attach: (options = {}) => attachJob(link, address, id, options),
    logs: (options = {}) => readLogs(link, address, id, options),
    wait: (options = {}) => attachJob(link, address, id, { ...options, buffer: false }, 'wait'),
    async kill(signal) {
      const request = { service: 'kill', job: id, signal: signal ?? null };
      return checkJob((await ask(host, request, jobsAnswerSchema)).job);
    },
  };
}

/** @throws RexaError CONTROL_WRONG_SHAPE */
function checkJob(job: JobInfo | undefined): JobInfo {
  if (job === undefined) throw new RexaError('CONTROL_WRONG_SHAPE', ['close', 'job: it is missing']);
  return job;
}

function attachJob(
  link: Link,
  address: string,
  id: string,
  options: AttachOptions,
  purpose: 'attach' | 'wait' = 'attach',
): RemoteRun<string | Uint8Array> {
  const sendsInput = options.input !== undefined || options.stdin === 'pipe';
  const channel = link.open(
    {
      service: 'attach',
      job: id,
      mode: purpose === 'attach' ? 'client' : 'reader',
      output: purpose === 'attach',
      agoMs: options.since,
      sinceMs: options.sinceMs,
      stdin: sendsInput ? 'stream' : 'none',
      encoding: {
        output: options.encoding ?? 'host',
        input: options.inputEncoding ?? options.encoding ?? 'host',
        inputErrors: options.encodingErrors,
      },
    },
    OUTPUT,
  );
  const progress = followProgress(channel);
  const abandoned = Promise.withResolvers<Ending>();
  const stdin = feedInput(channel, options);
  const [stdout, stderr] = [channel.input(0), channel.input(1)];
  const promise = followRun({ link, address, channel, id, options, progress }, abandoned.promise).then(
    (result) =>
      resolveRun(result, options, () => ({ command: `rexa attach ${quoteWord(address)} ${quoteWord(id)}` })),
  );
  return makeRun(promise, {
    id,
    pid: progress.pid,
    job: progress.job,
    exited: progress.exited,
    stdin,
    stdout,
    stderr,
    stdio: [stdin, stdout, stderr],
    kill: (signal: NodeJS.Signals = 'SIGTERM') => channel.send({ type: 'signal', name: signal }),
    resize: () => undefined,
    onInputRefused: progress.onInputRefused,
    onDraining: progress.onDraining,
    hangUp: () => undefined,
    cancel: () => channel.send({ type: 'cancel' }),
    abandon() {
      channel.abort({});
      abandoned.resolve(endingOfError('lost', new RexaError('ABANDONED')));
    },
  });
}

/** @returns the stream for the user to write to, if that was asked for */
function feedInput(
  channel: LinkChannel,
  { input, stdin }: Pick<RunOptions, 'input' | 'stdin'>,
): Writable | null {
  const into = channel.output(0);
  if (input === undefined) return stdin === 'pipe' ? into : null;
  const from = input instanceof Readable ? input : Readable.from([Buffer.from(input)]);
  // One that breaks off is not the end of the job's stdin: another client may go on
  finished(from, { writable: false }, (error) => {
    if (error) channel.abort({});
  });
  from.pipe(into);
  return null;
}

function readLogs(link: Link, address: string, id: string, options: LogOptions): JobLogs {
  const channel = link.open(
    {
      service: 'attach',
      job: id,
      follow: options.follow ?? false,
      agoMs: options.since,
      sinceMs: options.sinceMs,
      encoding: { output: options.encoding ?? 'host' },
    },
    OUTPUT,
  );
  const progress = followProgress(channel);
  async function follow(): Promise<LogEnd> {
    const end = await channel.ended;
    if (end.kind === 'link-ended') throw describeEnd(end.end, address);
    const { job, encoding = null } = readAnswer(jobsAnswerSchema, end.last);
    await progress.complete;
    const { missingBytes, trouble } = progress.seen;
    return { job: checkJob(job), missingBytes, trouble: trouble?.message ?? null, encoding };
  }
  return Object.assign(follow(), {
    stdout: channel.input(0),
    stderr: channel.input(1),
    job: progress.job,
    leave: () => channel.abort({}),
  });
}

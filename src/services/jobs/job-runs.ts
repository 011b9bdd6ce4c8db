import type { StartRequest } from '../../process/runner/runner.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import { writeWord } from '../../protocol/word.ts';
import type { CallChannel } from '../call.ts';
import type { AuthorizedRun } from '../run/authorize.ts';
import { hashRequest } from '../run/hash-request.ts';
import type { RunRequest } from '../run/messages.ts';
import { type CommandHost, prepareRun } from '../run/prepare-run.ts';
import { type AskedSupervisor, failedUnchecked } from './asked-supervisor.ts';
import { bridgeJob, readEnd } from './bridge.ts';
import type { StartJobRequest } from './supervisor-messages.ts';

/** What becomes of a run that is a job, as far as this daemon hears of it. */
export interface JobRun {
  /** The client has its last word, or is gone. */
  readonly attached: Promise<void>;
  /** Null: the daemon does not hear of it any more. @throws RexaError as bridgeJob */
  readonly outcome: Promise<Outcome | null>;
}

/** Whether a run outlives its client, or was given its id by a user: then the supervisor has it. */
export function isJob({ lifetime, record }: RunRequest): boolean {
  return record === true || (lifetime !== undefined && lifetime !== 'with-client');
}

/** Starts, or finds, the job that a request asks for, and attaches the client to it. */
export interface JobRuns {
  /** What became of a job, once it has ended; null: this daemon hears of it no more. @throws RexaError JOB_UNKNOWN, JOB_LOST, as AskedSupervisor.ask */
  watch(owner: string, id: string): Promise<Outcome | null>;
  /** @throws RexaError JOB_TERMINAL, JOB_DESCRIPTORS, JOB_AGENT, and as prepareRun and AskedSupervisor.ask: then nothing of it was run now */
  start(asked: AuthorizedRun, client: JobClient): Promise<JobRun>;
}

/** Who asks for a job. */
export interface JobClient {
  readonly owner: string;
  readonly channel: CallChannel;
  /** Resolves when the daemon leaves the job to the supervisor. */
  readonly released: Promise<unknown>;
}

/** Refuses every job: for a daemon without a supervisor. */
export function withoutJobs(): JobRuns {
  const refuse = () => Promise.reject(new RexaError('SERVICE_UNKNOWN', ['jobs', 'run, status']));
  return { watch: refuse, start: refuse };
}

export function createJobRuns(supervisor: AskedSupervisor, host: CommandHost): JobRuns {
  /** What became of a job whose client has left. */
  async function watch(owner: string, id: string): Promise<Outcome | null> {
    const request = { service: 'attach', principal: owner, id, mode: 'reader', output: false } as const;
    const answer = await supervisor.ask({ ...request, follow: true, stdin: false });
    if (answer.kind === 'done') return null;
    const end = await answer.channel.ended;
    // A supervisor that was killed told nothing: the next one knows what became of its jobs
    if (end.kind === 'link-ended') return end.end.kind === 'goaway' ? null : watch(owner, id);
    const { outcome } = readEnd(end, id);
    const receipt = { name: 'binary', source: 'option', replaced: 0 } as const;
    const encoding = { stdin: receipt, stdout: receipt, stderr: receipt };
    return outcome ? ({ ...outcome, encoding } as Outcome) : null;
  }

  return {
    watch,
    async start({ request, resolved, rights }, { owner, channel, released }) {
      if (request.terminal !== undefined) throw new RexaError('JOB_TERMINAL');
      if (request.stdio !== undefined) throw new RexaError('JOB_DESCRIPTORS');
      if (request.agent !== undefined) throw new RexaError('JOB_AGENT');
      const { start, ...filters } = await prepareRun(resolved, rights, host);
      const { id, command, lifetime = 'with-client', timeoutMs, killAfterMs } = request;
      const asked: StartJobRequest = {
        service: 'start',
        principal: owner,
        id,
        hash: hashRequest(request),
        command,
        lifetime,
        start: writeStart(start),
        timeoutMs,
        killAfterMs,
      };
      const answer = await supervisor.ask(asked).catch((error: unknown) => {
        // An id that the user gave may be of a run before this one
        if (request.record !== true || !failedUnchecked(error) || !supervisor.hasRecords()) throw error;
        throw new RexaError('JOB_ID_UNCHECKED', [id, error.message], { cause: error });
      });
      if (answer.kind === 'done') throw new RexaError('SUPERVISOR_UNREACHABLE', ['it started nothing']);
      const { repeated } = answer.first;
      const isText = request.encoding.output !== 'binary';
      const bridging = { sendsStdin: start.stdin === 'pipe', isStarter: true };
      const told = bridgeJob(channel, answer, { ...bridging, filters, isText, released }).then((end) => {
        if (end.kind === 'left' || end.outcome === null) return null;
        channel.close({ outcome: end.outcome, ...(repeated ? { repeated } : {}) });
        return end.outcome;
      });
      return {
        attached: told.then(
          () => undefined,
          () => undefined,
        ),
        outcome: told.then((outcome) => outcome ?? watch(owner, id)),
      };
    },
  };
}

/** Writes what the supervisor is to start, as it goes over its socket. */
export function writeStart({
  file,
  args,
  cwd,
  environment,
  argv0,
  shown,
  stdin,
}: Omit<StartRequest, 'runId'>): StartJobRequest['start'] {
  return {
    file: writeWord(file),
    args: args.map(writeWord),
    cwd: writeWord(cwd),
    environment: environment.map(([name, value]) => [writeWord(name), writeWord(value)]),
    ...(argv0 === undefined ? {} : { argv0: writeWord(argv0) }),
    ...(shown === undefined ? {} : { shown }),
    stdin,
  };
}

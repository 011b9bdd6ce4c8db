import type { LinkChannel } from '../link/channel.ts';
import type { Link } from '../link/link.ts';
import { RexaError } from '../protocol/errors.ts';
import { type RunProgress, readRunProgress } from '../services/jobs/progress-messages.ts';
import { collectOutput } from './collect-output.ts';
import { describeEnd } from './describe-end.ts';
import { MAX_KEPT_OUTPUT_BYTES } from './limits.ts';
import { readOutputText } from './output-text.ts';
import { type Ending, endingOfChannel, makeResult, type SeenJob } from './run-result.ts';
import type { CommandExit, RemoteRun, RunOptions, RunResult, StartedJob } from './run-types.ts';

/** The output streams of a run, as docs/protocol.md numbers them. */
const STDOUT = 0;
const STDERR = 1;

/** What the daemon says of a run on its way. */
export interface FollowedProgress
  extends Pick<RemoteRun, 'pid' | 'job' | 'exited' | 'onInputRefused' | 'onDraining'> {
  /** What is known so far. */
  readonly seen: Readonly<SeenJob>;
  /** Nothing more comes: all that came before the channel's end is seen. */
  readonly complete: Promise<void>;
}

type ProgressHandlers = Pick<
  RunOptions,
  'handleHeld' | 'handleWaiting' | 'handleAgentProblem' | 'session' | 'lasting'
>;

/**
 * Reads the messages of a run up to its end.
 * @param handlers those of RunOptions
 */
export function followProgress(
  channel: LinkChannel,
  { handleHeld, handleWaiting, handleAgentProblem, session, lasting }: ProgressHandlers = {},
): FollowedProgress {
  const pid = Promise.withResolvers<number | null>();
  const job = Promise.withResolvers<StartedJob | null>();
  const exited = Promise.withResolvers<CommandExit | null>();
  let handleRefused = (_sentence: string): void => undefined;
  const draining = Promise.withResolvers<number>();
  const { handleSession } = session ?? {};
  const seen: SeenJob = { jobId: null, repeated: false, missingBytes: 0, trouble: null };

  function handleProgress(message: RunProgress): void {
    switch (message.type) {
      case 'job':
        seen.jobId = message.job.id;
        seen.repeated = message.repeated;
        return job.resolve({
          id: message.job.id,
          repeated: message.repeated,
          state: message.job.state,
          lifetime: message.job.lifetime,
          sinceMs: message.sinceMs ?? 0,
        });
      case 'started':
        job.resolve(null);
        return pid.resolve(message.pid);
      case 'exited':
        return exited.resolve(message);
      case 'held':
        return handleHeld?.(message.pids);
      case 'waiting':
        return handleWaiting?.(message.running);
      case 'gap':
        seen.missingBytes += message.bytes;
        return;
      case 'agent-refused':
        return handleAgentProblem?.(new RexaError('AGENT_NOT_FORWARDED', [message.message]).message);
      case 'input-refused':
        return handleRefused(message.message);
      case 'draining':
        return draining.resolve(message.leftMs);
      case 'session':
        return handleSession?.(message.session);
      case 'lasting':
        return lasting?.handleLasting(message.input, (output) => channel.send({ type: 'consumed', output }));
      case 'consumed':
        return lasting?.handleConsumed(message.input);
      case 'trouble':
        seen.trouble = { code: message.code, message: message.message };
        return;
      default:
        return message satisfies never;
    }
  }

  async function follow(): Promise<void> {
    try {
      for (let next = await channel.nextMessage(); next !== null; next = await channel.nextMessage()) {
        handleProgress(readRunProgress(next));
      }
    } catch {
      // What can't be understood says nothing; the last word is what counts
    }
    pid.resolve(null);
    job.resolve(null);
    exited.resolve(null);
  }

  return {
    pid: pid.promise,
    job: job.promise,
    exited: exited.promise,
    onDraining: (tell) => void draining.promise.then(tell),
    onInputRefused(tell) {
      handleRefused = tell;
    },
    seen,
    complete: follow(),
  };
}

/** A run that is under way at the other end of a channel. */
export interface FollowedRun {
  readonly link: Link;
  readonly address: string;
  readonly channel: LinkChannel;
  readonly id: string;
  readonly options: RunOptions;
  readonly progress: FollowedProgress;
  /** Called when there is more output than is kept. */
  readonly handleOverflow?: (() => void) | undefined;
}

/** Follows a run to its end, and keeps its output unless the options say otherwise. Never rejects. */
export async function followRun(
  { link, address, channel, id, options, progress, handleOverflow }: FollowedRun,
  abandoned: Promise<Ending>,
): Promise<RunResult<string | Uint8Array>> {
  const startedMs = performance.now();
  const resumedBefore = link.resumedCount;
  const keepBytes = options.maxBuffer ?? MAX_KEPT_OUTPUT_BYTES;
  const keep = options.buffer !== false;
  const kept = [STDOUT, STDERR].map((number) =>
    keep ? collectOutput(channel.input(number), keepBytes, handleOverflow) : Promise.resolve(null),
  );
  const told = channel.ended.then(async (end) => {
    await progress.complete;
    return endingOfChannel(end, (await link.peer) !== null, (linkEnd) => describeEnd(linkEnd, address));
  });
  const ending = await Promise.race([told, abandoned]);
  // Of what never ran there is no output: its own error is told before its streams fail
  const isUnstarted = ending.kind === 'untold' && ending.name !== 'lost';
  const [stdout, stderr] = isUnstarted ? [null, null] : await Promise.all(kept);
  const text = (output: typeof stdout) => readOutputText(output ?? null, options.encoding === 'binary');
  // What is known by now: nobody waits for a hello that may never come.
  const hello = await Promise.race([link.peer, Promise.resolve(null)]);
  const seen = {
    durationMs: performance.now() - startedMs,
    hostEncoding: hello?.encoding ?? null,
    resumed: link.resumedCount - resumedBefore,
    job: progress.seen,
  };
  return makeResult({ id, address, options, ending, stdout: text(stdout), stderr: text(stderr), seen });
}

import type { ChannelEnd } from '../link/channel.ts';
import { RexaError } from '../protocol/errors.ts';
import type { LinkEnd } from '../protocol/link-end.ts';
import { type EncodingReceipt, type OutcomeName, outcomeOfRefusal } from '../protocol/outcome.ts';
import { type RunFinalMessage, readRunFinalMessage } from '../services/run/messages.ts';
import type { OutputText } from './output-text.ts';
import type { RunOptions, RunResult } from './run-types.ts';

type ToldOutcome = Extract<RunFinalMessage, { outcome: unknown }>['outcome'];

/** How a run ended, as this end knows it: the daemon's outcome, or a word of our own with its cause. */
export type Ending =
  | { readonly kind: 'told'; readonly outcome: ToldOutcome; readonly repeated: boolean }
  | {
      readonly kind: 'untold';
      readonly name: OutcomeName;
      readonly code: string;
      readonly reason: string;
      readonly errno: string | null;
    };

export function endingOfError(
  name: OutcomeName,
  error: { readonly code: string; readonly message: string; readonly errno?: string | undefined },
): Ending {
  return { kind: 'untold', name, code: error.code, reason: error.message, errno: error.errno ?? null };
}

/**
 * What a channel's end says about its run. Once a byte of the request was handed to a socket, only the daemon's word
 * gives another outcome than `lost`; a refusal before its hello is such a word: it took nothing of what we sent.
 */
export function endingOfChannel(
  end: ChannelEnd,
  greeted: boolean,
  describe: (end: LinkEnd) => RexaError,
): Ending {
  if (end.kind === 'link-ended') {
    const error = describe(end.end);
    if (end.wasSent && (end.end.kind !== 'refused' || greeted)) return endingOfError('lost', error);
    if (end.end.kind !== 'refused') return endingOfError('unreachable', error);
    const denied = outcomeOfRefusal(end.end.code) === 'denied';
    return endingOfError(denied ? 'denied' : 'unreachable', error);
  }
  try {
    const last = readRunFinalMessage(end.last);
    if ('outcome' in last) return { kind: 'told', outcome: last.outcome, repeated: last.repeated };
    return endingOfError(outcomeOfRefusal(last.error.code), last.error);
  } catch (error) {
    return endingOfError('lost', error as RexaError);
  }
}

/** What the daemon has said of a job on its way. */
export interface SeenJob {
  jobId: string | null;
  /** Its id was used before this request. */
  repeated: boolean;
  /** Of its output, where that was dropped or could not be kept. */
  missingBytes: number;
  /** Why its output can't be read on. */
  trouble: { readonly code: string; readonly message: string } | null;
}

/** What this end knows of a run by itself. */
export interface SeenRun {
  /** From the request to the end. */
  readonly durationMs: number;
  /** What `host` means there; null when its hello never came. */
  readonly hostEncoding: string | null;
  /** How often the connection was lost and resumed. */
  readonly resumed: number;
  readonly job: Readonly<SeenJob>;
}

/** Nothing was seen: the request never left. */
export const UNSEEN: SeenRun = {
  durationMs: 0,
  hostEncoding: null,
  resumed: 0,
  job: { jobId: null, repeated: false, missingBytes: 0, trouble: null },
};

/** What a result is made of. */
interface ResultParts {
  readonly id: string;
  readonly address: string;
  readonly options: Pick<RunOptions, 'encoding'>;
  readonly ending: Ending;
  readonly stdout: OutputText;
  readonly stderr: OutputText;
  /** What this end saw itself; most of it is for a run whose outcome nobody told. */
  readonly seen: SeenRun;
}

/** Puts the fields of a result together. */
export function makeResult(parts: ResultParts): RunResult<string | Uint8Array> {
  const { ending, stdout, stderr, seen } = parts;
  const { job } = seen;
  const repeated = job.repeated || (ending.kind === 'told' && ending.repeated);
  const told = ending.kind === 'told' ? ending.outcome : untoldOutcome(ending, parts);
  // A run that is no job is remembered without its output
  const isForgotten = repeated && job.jobId === null;
  const missing = job.missingBytes + (isForgotten ? told.bytes.stdout + told.bytes.stderr : 0);
  const lack = job.trouble ?? (missing === 0 ? null : describeMissing(missing, job.jobId));
  return {
    v: 1,
    id: parts.id,
    jobId: job.jobId,
    repeated,
    host: parts.address,
    outcome: told.name,
    exitCode: told.exitCode,
    signal: told.signal,
    code: told.code ?? lack?.code ?? null,
    reason: told.reason ?? lack?.message ?? null,
    errno: ending.kind === 'untold' ? ending.errno : null,
    stdout: stdout.value,
    stderr: stderr.value,
    truncated: stdout.truncated || stderr.truncated || lack !== null,
    missing: { bytes: missing, reason: lack?.message ?? null },
    encoding: {
      stdin: told.encoding.stdin,
      stdout: addReplaced(told.encoding.stdout, stdout.replaced),
      stderr: addReplaced(told.encoding.stderr, stderr.replaced),
    },
    bytes: told.bytes,
    durationMs: told.durationMs,
    resumed: parts.seen.resumed,
    survivors: told.survivors,
    pipeHeldBy: told.pipeHeldBy,
    complete: told.complete ?? told.pipeHeldBy.length === 0,
    unreadInputBytes: told.unreadInputBytes ?? null,
  };
}

function describeMissing(bytes: number, jobId: string | null): RexaError {
  const why = jobId === null ? 'the output of a run that is no job is not kept' : 'they were not kept';
  return new RexaError('OUTPUT_MISSING', [bytes, why]);
}

/** Whether the command ended by itself and all of its output arrived: only then is its exit status that of the run. */
export function isWhole({ outcome, code }: Pick<RunResult<unknown>, 'outcome' | 'code'>): boolean {
  return (outcome === 'exited' || outcome === 'signaled') && code === null;
}

/** What was passed as it is became U+FFFD here, where text was made of it. */
function addReplaced({ passed, ...receipt }: EncodingReceipt, replaced: number): EncodingReceipt {
  const counted = { ...receipt, replaced: receipt.replaced + replaced };
  return passed === undefined || replaced > 0 ? counted : { ...counted, passed };
}

/** A run that the daemon said nothing of: what we saw of it ourselves. */
function untoldOutcome(
  ending: Extract<Ending, { kind: 'untold' }>,
  { options, seen, stdout, stderr }: Omit<ResultParts, 'ending'>,
): Omit<ToldOutcome, 'name'> & { name: OutcomeName } {
  const isHost = options.encoding === undefined || options.encoding === 'host';
  const receipt: EncodingReceipt = {
    name: isHost ? (seen.hostEncoding ?? 'host') : (options.encoding ?? 'host'),
    source: isHost ? 'host' : 'option',
    replaced: 0,
  };
  return {
    name: ending.name,
    exitCode: null,
    signal: null,
    code: ending.code,
    reason: ending.reason,
    encoding: { stdin: receipt, stdout: receipt, stderr: receipt },
    bytes: { stdin: 0, stdout: stdout.totalBytes, stderr: stderr.totalBytes },
    durationMs: Math.round(seen.durationMs * 1000) / 1000,
    survivors: [],
    pipeHeldBy: [],
    complete: ending.name !== 'lost',
  };
}

/** The result of a run that never reached a daemon. */
export function failedResult(
  address: string,
  id: string,
  name: 'unreachable' | 'denied' | 'not-started',
  error: RexaError,
  options: Pick<RunOptions, 'encoding'>,
): RunResult<string | Uint8Array> {
  const empty: OutputText = {
    value: options.encoding === 'binary' ? new Uint8Array(0) : '',
    replaced: 0,
    truncated: false,
    totalBytes: 0,
  };
  return makeResult({
    id,
    address,
    options,
    ending: endingOfError(name, error),
    stdout: empty,
    stderr: empty,
    seen: UNSEEN,
  });
}

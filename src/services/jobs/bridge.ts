import type { ChannelEnd, LinkChannel } from '../../link/channel.ts';
import type { RunFilters } from '../../process/conduct/filters.ts';
import { pumpInput } from '../../process/conduct/pump-input.ts';
import { pumpOutput } from '../../process/conduct/pump-output.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { EncodingReceipt, Outcome, OutputReceipts } from '../../protocol/outcome.ts';
import { toRexaError } from '../../protocol/to-rexa-error.ts';
import type { CallChannel } from '../call.ts';
import { describeRefused, readRunCommandMessage } from '../run/messages.ts';
import { whoLeaves } from '../who-leaves.ts';
import type { SupervisorAnswer } from './asked-supervisor.ts';
import { markGaps } from './mark-gaps.ts';
import { readRunProgress } from './progress-messages.ts';
import { readSupervisorFinalMessage, type SupervisorFinalMessage } from './supervisor-messages.ts';

type Attached = Extract<SupervisorAnswer, { kind: 'attached' }>;

/** How a client and a job are put together. */
export interface BridgeOptions {
  readonly filters: RunFilters;
  /** Whether text may be put where output is missing. */
  readonly isText: boolean;
  readonly sendsStdin: boolean;
  /** Whether the client has started the job: stdin that can't be encoded cancels it then, else the client is left. */
  readonly isStarter: boolean;
  /** Resolves when the daemon itself leaves the job: its client may come again, to the next daemon. */
  readonly released: Promise<unknown>;
}

/** How it ended: with the supervisor's last word, or because one of the three is not there any more. */
export type BridgeEnd =
  | {
      readonly kind: 'told';
      readonly last: SupervisorFinalMessage;
      readonly outcome: Outcome | null;
      readonly encoding: OutputReceipts;
    }
  | { readonly kind: 'left' };

/**
 * Puts a client's channel and a job's together: raw bytes there, characters here. The client's channel is left open behind
 * the last byte, for the last word.
 * @throws RexaError JOB_LOST and what else the supervisor ended with, SUPERVISOR_LOST, ATTACHED_INPUT_REFUSED
 */
export async function bridgeJob(
  client: CallChannel,
  { channel: job, first }: Attached,
  { filters, isText, sendsStdin, isStarter, released }: BridgeOptions,
): Promise<BridgeEnd> {
  const decoders = [
    markGaps(filters.decoders.stdout, isText),
    markGaps(filters.decoders.stderr, isText),
  ] as const;
  const inputFailed = Promise.withResolvers<RexaError>();
  let canceledFor: RexaError | null = null;
  const handleRefused = (error: RexaError): 'go-on' | 'stop' => {
    if (!filters.refusalCancels) {
      client.send(describeRefused(error));
      return 'go-on';
    }
    if (isStarter) {
      canceledFor = error;
      job.send({ type: 'cancel', why: `: ${error.message}` });
    } else inputFailed.resolve(error);
    return 'stop';
  };
  const stdin = sendsStdin ? pumpInput(client.input(0), job.output(0), filters.encoder, handleRefused) : null;
  client.send(first);
  // Of one that is over nothing is to be fed or signaled
  if (first.job.state === 'running' && first.job.pid !== null)
    client.send({ type: 'started', pid: first.job.pid });
  void passMessages(client, job);
  passProgress(job, client, (stream, at, bytes) => decoders[stream].addGap(at, bytes));
  const pumps = decoders.map((decoder, number) => pumpStream(job, client, decoder, number));

  const over = Promise.all([job.ended, ...pumps.map(({ ended }) => ended)]).then(([end]) => end);
  const failed = inputFailed.promise.then((error) => ({ gone: true, error }));
  const end = await Promise.race([over, whoLeaves(client, released), failed]);
  stdin?.stop();
  if ('error' in end) {
    job.abort({ gone: true });
    throw new RexaError('ATTACHED_INPUT_REFUSED', [first.job.id, end.error.message]);
  }
  if ('gone' in end) {
    job.abort({ gone: end.gone });
    return { kind: 'left' };
  }
  const last = readEnd(end, first.job.id);
  const [stdout, stderr] = pumps.map(({ pump }) => pump.receipt()) as [EncodingReceipt, EncodingReceipt];
  const encoding = { stdin: filters.inputReceipt(), stdout, stderr };
  const outcome = last.outcome ? ({ ...last.outcome, encoding } as Outcome) : null;
  const told = { kind: 'told', last, encoding: { stdout, stderr } } as const;
  if (outcome?.name === 'canceled' && canceledFor !== null)
    return { ...told, outcome: { ...outcome, ...blame(canceledFor) } };
  return { ...told, outcome };
}

/** The supervisor knows characters by their bytes alone. */
function blame({ code, message }: RexaError): Pick<Outcome, 'code' | 'reason'> {
  return { code, reason: message };
}

function pumpStream(
  job: LinkChannel,
  client: CallChannel,
  decoder: ReturnType<typeof markGaps>,
  number: number,
) {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const pump = pumpOutput(job.input(number), client.output(number), decoder, {
    isWaiting: () => job.input(number).readableLength > 0,
    handleBytes: () => undefined,
    handleBlocked: () => undefined,
    handleEnd: resolve,
  });
  return { pump, ended };
}

/** Reads the supervisor's last word on a job. @throws RexaError SUPERVISOR_LOST, and what the supervisor ended with */
export function readEnd(end: ChannelEnd, id: string): SupervisorFinalMessage {
  if (end.kind === 'link-ended') throw new RexaError('SUPERVISOR_LOST', [id]);
  const last = readSupervisorFinalMessage(end.last);
  if (last.error) throw toRexaError(last.error);
  return last;
}

/** What the client wants of the job. A message that can't be understood cancels it, as it does a run. */
async function passMessages(client: CallChannel, job: LinkChannel): Promise<void> {
  for (let next = await client.nextMessage(); next !== null; next = await client.nextMessage()) {
    const cancel = { type: 'cancel', why: ' by the client' } as const;
    try {
      const message = readRunCommandMessage(next);
      if (message.type === 'signal') job.send(message);
      else if (message.type === 'cancel') job.send(cancel);
    } catch {
      job.send(cancel);
    }
  }
}

/** A gap is known before the bytes behind it come: so it stands at the same place, whenever and however they arrive. */
function passProgress(
  job: LinkChannel,
  client: CallChannel,
  handleGap: (stream: 0 | 1, at: number, bytes: number) => void,
): void {
  job.takeMessages((next) => {
    try {
      const message = readRunProgress(next);
      if (message.type === 'gap') handleGap(message.stream, message.at, message.bytes);
      client.send(message);
    } catch {
      // Something that only a later version knows
    }
  });
}

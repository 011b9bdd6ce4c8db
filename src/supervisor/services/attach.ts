import { isStandardSignal } from '../../process/runner/signals.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { CallChannel } from '../../services/call.ts';
import {
  type AttachJobRequest,
  readAttachedMessage,
  readLeaving,
} from '../../services/jobs/supervisor-messages.ts';
import type { FoundJob, Jobs } from '../jobs/jobs.ts';
import type { LiveJob } from '../jobs/live-job.ts';
import { viewOfRecord } from '../jobs/view.ts';
import { deliverOutput } from './deliver-output.ts';

/** How a channel is attached to a job. */
export interface Attachment
  extends Omit<AttachJobRequest, 'service' | 'principal' | 'id' | 'stdin' | 'agoMs' | 'sinceMs'> {
  /** 0: from the beginning. */
  readonly sinceMs: number;
  /** Where its stream 0 belongs in the job's stdin; null: it has none. */
  readonly stdin: 'start' | 'now' | null;
  /** Whether the job was known before this channel. */
  readonly repeated: boolean;
}

/**
 * Attaches a channel to a job, live or over: its output, its stdin, signals, and its outcome as the last word.
 * @throws RexaError JOB_LOST when there is none
 */
export async function serveAttachment(
  channel: CallChannel,
  found: FoundJob,
  attachment: Attachment,
  jobs: Jobs,
): Promise<void> {
  const { live, record } = found;
  const { repeated, sinceMs } = attachment;
  channel.send({ type: 'job', job: viewOfRecord(record), repeated, sinceMs });
  if (live && attachment.mode === 'client') beClient(channel, live, attachment);
  if (attachment.output) await sendOutput(channel, found, attachment);
  if (live && attachment.follow) await Promise.race([jobs.untilOver(live), channel.ended]);

  const now = live?.record ?? record;
  // A reader of a lost job's output has got all that was stored
  const readsOnly = attachment.mode === 'reader' && attachment.output;
  if (now.state === 'lost' && !readsOnly) throw new RexaError('JOB_LOST', [now.id, now.note ?? '']);
  channel.close({ job: viewOfRecord(now), ...(now.outcome === null ? {} : { outcome: now.outcome }) });
}

function beClient(channel: CallChannel, live: LiveJob, { stdin }: Attachment): void {
  live.clients.join();
  if (stdin !== null) live.input?.feed(channel.input(0), stdin);
  void followMessages(channel, live);
  void channel.ended.then((end) => {
    live.clients.leave(end.kind === 'closed' && isGone(end.last));
  });
}

function isGone(last: Parameters<typeof readLeaving>[0]): boolean {
  try {
    return readLeaving(last).gone;
  } catch {
    return false;
  }
}

/** A message that can't be understood is passed over: the job is others' too. */
async function followMessages(channel: CallChannel, live: LiveJob): Promise<void> {
  for (let next = await channel.nextMessage(); next !== null; next = await channel.nextMessage()) {
    try {
      const message = readAttachedMessage(next);
      if (message.type === 'cancel') live.cancel(message.why);
      else if (isStandardSignal(message.name)) live.send({ type: 'signal', name: message.name });
    } catch {
      // not ours
    }
  }
}

function sendOutput(
  channel: CallChannel,
  { live, record, folder }: FoundJob,
  { mode, follow, sinceMs }: Attachment,
): Promise<void> {
  const bytes = record.outcome?.bytes;
  const source = {
    folder,
    job: record.id,
    live: live?.spool.live ?? null,
    totals: bytes ? ([bytes.stdout, bytes.stderr] as const) : null,
  };
  return deliverOutput(channel, source, {
    sinceMs,
    follow,
    pinned: mode === 'client' && record.lifetime !== 'detached',
  });
}

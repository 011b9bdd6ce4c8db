import type { Writable } from 'node:stream';
import { RexaError } from '../../protocol/errors.ts';
import type { CallChannel } from '../../services/call.ts';
import { reportChange } from '../spool/live-spool.ts';
import type { OutputNumber } from '../spool/segment.ts';
import { type ReadOptions, readSpool, type SpoolSource } from '../spool/spool-reader.ts';

/**
 * Sends a job's output, in the order in which it was written, as fast as it is taken. What is missing is told by messages
 * with the place in what is sent here. Ends early when the channel does.
 */
export async function deliverOutput(
  channel: CallChannel,
  source: SpoolSource,
  options: ReadOptions,
): Promise<void> {
  const streams = [channel.output(0), channel.output(1)] as const;
  const sent: [number, number] = [0, 0];
  const stop = { isStopped: false };
  void channel.ended.then(() => {
    stop.isStopped = true;
    if (source.live) reportChange(source.live);
  });

  function describeMissing(stream: OutputNumber, bytes: number): void {
    if (bytes > 0) channel.send({ type: 'gap', stream, at: sent[stream], bytes });
  }

  try {
    for await (const item of readSpool(source, { ...options, stop })) {
      if (stop.isStopped) return;
      if (item.kind === 'gap') {
        describeMissing(0, item.missing[0]);
        describeMissing(1, item.missing[1]);
      } else {
        sent[item.stream] += item.bytes.length;
        await write(streams[item.stream], item.bytes);
      }
    }
  } catch (error) {
    const { code, message } =
      error instanceof RexaError ? error : new RexaError('JOB_SPOOL_DAMAGED', [source.job, String(error)]);
    channel.send({ type: 'trouble', code, message });
  } finally {
    for (const stream of streams) stream.end();
  }
}

/** Resolves when there is room for more, or nobody takes it any more. */
function write(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => stream.write(bytes, () => resolve()));
}

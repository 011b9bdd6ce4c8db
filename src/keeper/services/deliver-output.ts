import type { Duplex } from 'node:stream';
import type { LinkChannel } from '../../link/channel.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { OutputNumber } from '../spool/segment.ts';
import { type ReadOptions, readSpool, type SpoolSource } from '../spool/spool-reader.ts';

/**
 * Sends a job's output, in the order in which it was written, as fast as it is taken. What is missing is told by messages
 * with the place in what is sent here. Ends early when the channel does.
 */
export async function deliverOutput(
  channel: LinkChannel,
  source: SpoolSource,
  options: ReadOptions,
): Promise<void> {
  const streams = [channel.stream(0), channel.stream(1)] as const;
  const sent: [number, number] = [0, 0];
  let isOpen = true;
  const closed = channel.ended.then(() => {
    isOpen = false;
  });

  function tellMissing(stream: OutputNumber, bytes: number): void {
    if (bytes > 0) channel.send({ type: 'gap', stream, at: sent[stream], bytes });
  }

  const items = readSpool(source, options);
  try {
    // One by one: where the channel ends meanwhile, the next is not waited for
    for (let next = items.next(); ; next = items.next()) {
      const result = await Promise.race([next, closed]);
      if (!isOpen || result === undefined || result.done === true) return;
      const item = result.value;
      if (item.kind === 'gap') {
        tellMissing(0, item.missing[0]);
        tellMissing(1, item.missing[1]);
      } else {
        sent[item.stream] += item.bytes.length;
        await Promise.race([write(streams[item.stream], item.bytes), closed]);
      }
    }
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    channel.send({ type: 'trouble', code: error.code, message: error.message });
  } finally {
    void items.return(undefined);
    for (const stream of streams) stream.end();
  }
}

function write(stream: Duplex, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => stream.write(bytes, () => resolve()));
}

import type { ChannelInput } from '../link/channel-stream.ts';
import { STALLED_READER_MS } from './limits.ts';

/**
 * Waits no longer for a reader that takes nothing of a run that was ended: what is left is thrown away, so that the outcome
 * behind it arrives. @returns what stops the watch
 */
export function watchStalledReaders(streams: readonly ChannelInput[]): () => void {
  let before = streams.map(({ deliveredBytes }) => deliveredBytes);
  const timer = setInterval(() => {
    for (const [index, stream] of streams.entries()) {
      if (!stream.readableEnded && stream.deliveredBytes === before[index]) stream.destroy();
    }
    before = streams.map(({ deliveredBytes }) => deliveredBytes);
  }, STALLED_READER_MS);
  return () => clearInterval(timer);
}

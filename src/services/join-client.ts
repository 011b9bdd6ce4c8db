import { finished, type Readable } from 'node:stream';
import type { ChannelEnd, LinkChannel } from '../link/channel.ts';
import type { CallChannel } from './call.ts';

/** A client, and what the supervisor conducts for it. */
export interface JoinedClient {
  /** What the client types. */
  readonly keys: Readable;
  /** Resolves when the supervisor has said its last word, and the client was sent all bytes before it. */
  readonly over: Promise<ChannelEnd>;
}

/**
 * Passes bytes in both directions. Output that ends ends at the client too: what is cut off is not taken for whole. The client's
 * channel is left open, for the last word.
 */
export function joinClient(client: CallChannel, conducted: LinkChannel): JoinedClient {
  const [keys, shown] = [client.input(0), conducted.input(0)];
  keys.on('error', () => undefined);
  keys.pipe(conducted.output(0));
  // A short program has ended before this is called
  const shownEnd = new Promise<void>((resolve) => void finished(shown, { writable: false }, () => resolve()));
  shown.pipe(client.output(0));
  return { keys, over: Promise.all([conducted.ended, shownEnd]).then(([end]) => end) };
}

import type { CallChannel } from './call.ts';

/** Who has left what the supervisor conducts for a client. */
export interface Leaving {
  /** The client, which does not come again. Else the daemon: the client may come to the next one. */
  readonly gone: boolean;
}

/**
 * Resolves when one of the two leaves.
 * @param released resolves when the daemon itself leaves; the links of its clients end after that
 */
export function whoLeaves(client: CallChannel, released: Promise<unknown>): Promise<Leaving> {
  // The first of those that have happened already: with its daemon the link of a client has ended, too
  return Promise.race([
    released.then(() => ({ gone: false })),
    // A lost connection has been waited for by the link itself
    client.ended.then(() => ({ gone: true })),
  ]);
}

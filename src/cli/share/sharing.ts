import type { OpenHost } from '../../client/host.ts';
import type { Link } from '../../link/link.ts';
import type { Forwards } from '../forward/open-forwards.ts';

/** What shares the connection of a host with other processes. */
export interface Sharing {
  /** The forwardings of the connection: those of this process, and those that others have asked it for. */
  readonly forwards: Forwards;
  /**
   * Resolves when no other process, and no forwarded connection, has used it for so long, from now on at the earliest. Infinity:
   * only once it takes no further calls.
   */
  whenUnusedFor(ms: number): Promise<void>;
  /** Shares it no more, and ends those that use it. */
  close(): Promise<void>;
}

const sharings = new WeakMap<Link, Sharing>();

/** Notes what shares the connection of a host, which may be wrapped later. */
export function noteSharing(
  { link }: Pick<NonNullable<OpenHost['connection']>, 'link'>,
  sharing: Sharing,
): void {
  sharings.set(link, sharing);
}

/** Returns what shares the connection of a host; undefined: nothing does. */
export function findSharing({ connection }: Pick<OpenHost, 'connection'>): Sharing | undefined {
  return connection && sharings.get(connection.link);
}

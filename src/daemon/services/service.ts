import type { LinkChannel } from '../../link/channel.ts';

/** Who is at the other end of a link, as far as the daemon found out itself. */
export interface Principal {
  /** Null where the system can't tell. */
  readonly uid: number | null;
  readonly pid: number | null;
}

/** One thing the daemon does for its clients: a name in requests, and what serves the channel. */
export interface Service {
  readonly name: string;
  /**
   * Serves one channel to its end. A rejection with a RexaError of reaction `channel` becomes the channel's last word.
   */
  serve(channel: LinkChannel, principal: Principal): Promise<void>;
}

import type { LinkChannel } from '../../link/channel.ts';
import type { Principal } from './principal.ts';

/** One thing the daemon does for its clients: a name in requests, and what serves the channel. */
export interface Service {
  readonly name: string;
  /**
   * Serves one channel to its end. A rejection with a RexaError of reaction `channel` becomes the channel's last word.
   */
  serve(channel: LinkChannel, principal: Principal): Promise<void>;
}

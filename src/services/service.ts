import type { Principal } from '../auth/principal.ts';
import type { Costs, Turn } from '../daemon/accounts/ledger.ts';
import type { LinkChannel } from '../link/channel.ts';

/** One thing the daemon does for its clients: a name in requests, and what serves the channel. */
export interface Service {
  readonly name: string;
  /**
   * Reads a channel's request; nothing of it is done yet.
   * @throws RexaError of reaction `channel`, which becomes the channel's last word
   */
  open(channel: LinkChannel, principal: Principal): Call;
}

/** One request, which waits for its turn. */
export interface Call {
  /** What it costs its principal from its start to its end. */
  readonly costs: Costs;
  /** Resolves when its client does not want it any more, though the channel is open. */
  readonly withdrawn?: Promise<unknown>;
  /** Tells its client that it waits for one of so many commands of its principal to end; at most once. */
  reportWaiting?(running: number): void;
  /**
   * Serves the channel to its end, and says on the way when it has started. A rejection with a RexaError of reaction
   * `channel` becomes the channel's last word.
   */
  serve(turn: Turn): Promise<void>;
}

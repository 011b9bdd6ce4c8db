/** When, in ms since 1970, and who. */
export interface TalkSource {
  readonly at: number;
  readonly name: string;
}

/** What was said: a text, or with `act` what its speaker does. */
export type TalkMessage =
  | (TalkSource & { readonly kind: 'say'; readonly text: string })
  | (TalkSource & { readonly kind: 'act'; readonly text: string });

/**
 * What is heard in a conversation. What has an `n` is heard by all members, in this order; it counts by one. All texts are
 * safe on a terminal: control characters are escaped, tabs are not.
 */
export type TalkEvent =
  | (TalkMessage & { readonly n: number })
  | (TalkSource & { readonly kind: 'entered'; readonly n: number })
  /** `reason`: why, where it did not leave by itself. */
  | (TalkSource & { readonly kind: 'left'; readonly n: number; readonly reason: string | null })
  /** With one other: it says no more, and still listens. */
  | (TalkSource & { readonly kind: 'finished'; readonly n: number })
  | (TalkSource & { readonly kind: 'renamed'; readonly n: number; readonly to: string })
  /** The first event: the own name, who is here, and the last lines of the room. */
  | {
      readonly kind: 'welcome';
      readonly name: string;
      readonly members: readonly string[];
      readonly history: readonly TalkMessage[];
    }
  /** The answer to `who`. */
  | {
      readonly kind: 'members';
      readonly members: readonly { readonly name: string; readonly principal: string }[];
    }
  /** A sentence of the daemon for this member alone. */
  | { readonly kind: 'notice'; readonly text: string };

/** Where to talk: a room of the daemon, or with one other. Default: the room `lobby`. */
export type TalkOptions =
  | { readonly room?: string }
  /** The name with which the other one would enter a room: of its key, or of the daemon's user. */
  | { readonly with: string };

/**
 * A conversation. Iterating gives what is said, in the order that all members see, until it is over; it throws the RexaError
 * that ended it. Who does not iterate is disconnected once too much waits.
 */
export interface Talk extends AsyncIterable<TalkEvent>, AsyncDisposable {
  /** The own name, as the daemon has given it. */
  readonly name: string;
  /** Resolves once the connection takes more. @throws RexaError TALK_LINE_TOO_LONG, CLOSED */
  say(text: string): Promise<void>;
  /** Like `say`: what the own name does. @throws RexaError TALK_LINE_TOO_LONG, CLOSED */
  act(text: string): Promise<void>;
  /** Asks for another name; a `notice` says why it cannot be. @throws RexaError CLOSED */
  rename(name: string): Promise<void>;
  /** Asks who is here; `members` answers. @throws RexaError CLOSED */
  who(): Promise<void>;
  /**
   * Says no more. In a room that is to leave; with one other it goes on listening. The iteration ends when the daemon has
   * taken everything that was said.
   */
  finish(): void;
  /** Leaves behind what was said, which may have to wait until it can be sent. */
  leave(): void;
  /** Leaves at once: what was said and not sent yet is thrown away. */
  abort(): void;
}

/** What a host can be asked for by talk. */
export interface TalkHost {
  /** Enters a conversation. @throws RexaError what the daemon refused with, LINK_LOST, USAGE */
  talk(options?: TalkOptions): Promise<Talk>;
}

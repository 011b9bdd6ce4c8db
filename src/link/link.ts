import type { Budget } from '../protocol/budget.ts';
import type { JsonObject } from '../protocol/control.ts';
import type { RexaError } from '../protocol/errors.ts';
import type { PeerInfo } from '../protocol/hello.ts';
import type { Intake } from '../protocol/intake.ts';
import type { PayloadHolder } from '../protocol/kept-frames.ts';
import type { LinkEnd } from '../protocol/link-end.ts';
import type { LinkChannel } from './channel.ts';
import type { LoginAnswers } from './connection.ts';

/** One end of a link: of one connection, or of several one after the other. */
export interface Link {
  /** What the peer said of itself; null when the link ended before it did. */
  readonly peer: Promise<PeerInfo | null>;
  /** Resolves once, when no channel can work any more. Never rejects. */
  readonly ended: Promise<LinkEnd>;
  /** Resolves when its last socket is gone: after last words, if there were any. */
  readonly closed: Promise<void>;
  /**
   * Opens a channel; need not wait for the peer's hello.
   * @param receive the streams that will be read: they get credit in the same flight
   * @param firstWindowBytes that credit. Default: as for bulk
   * @throws RexaError CHANNELS_EXHAUSTED, CONTROL_TOO_LARGE
   */
  open(request: JsonObject, receive: readonly number[], firstWindowBytes?: number): LinkChannel;
  /** The next channel that the peer opened; null when none can come any more. */
  nextChannel(): Promise<LinkChannel | null>;
  /** The round trip of a ping in milliseconds; null when the link ended before the answer. */
  ping(): Promise<number | null>;
  /** Answers each ping of the peer when this promise resolves, from now on. */
  answerPings(when: () => Promise<unknown>): void;
  /**
   * Says goaway: once everything that may be sent now has left, or at once with an error. What waits for credit is not
   * sent any more. Resolves when it is said, or nobody takes it within LAST_WORDS_MS. Never rejects.
   */
  leave(error?: RexaError): Promise<void>;
  /** Tells the peer that this process will be stopped, so that its silence is not taken for its death. */
  suspend(): Promise<void>;
  /** Looks for another connection now, whether the one that there is still works or not; false: it can have only one. */
  reconnect(): boolean;
  /** Whether its connection keeps the process alive while no channel is open. At first it does. */
  setRef(isRef: boolean): void;
  readonly channelCount: number;
  /** Whether so much waits for a peer that does not read that nothing should be added for others. */
  readonly isBehind: boolean;
  /** How often another connection has carried it on. */
  readonly resumedCount: number;
  /** Once it has ended: the link that its connection belonged to, if that was another one. */
  readonly movedTo: Link | null;
}

/** What a process may give its links. */
export interface LinkOptions extends LoginAnswers {
  /** What the windows of all its links may grow by together. */
  readonly processBudget?: Budget | undefined;
  /** What all its links may keep together for peers that have not acknowledged it. */
  readonly keptBudget?: Budget | undefined;
  /** What the peer may send in control messages. Default: all that the protocol has. */
  readonly intake?: Intake | undefined;
  /** Told what of the payloads' memory is in use, by all links of the process: one for all, since connections move. */
  readonly holder?: PayloadHolder | undefined;
}

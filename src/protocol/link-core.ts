import { FRAME_TYPE, type Frame } from '../framing/frame.ts';
import type { Budget } from './budget.ts';
import { RexaError } from './errors.ts';
import type { Intake } from './intake.ts';
import { MAX_UNACKNOWLEDGED_BYTES } from './limits.ts';
import { createMux, type Mux, type Role } from './mux.ts';
import { createNullReplay, type ReplayLayer } from './replay.ts';

/** The frames of a link, in both directions, as a connection carries them. */
export interface Traffic {
  /** @throws RexaError of LINK_ERRORS */
  handleFrame(frame: Frame): void;
  /** Returns the next frame to send, which then counts as sent; null if there is none. */
  pollFrame(): Frame | null;
}

/** The part of a link that survives a connection: channels and unacknowledged frames. Sans IO. */
export interface LinkCore extends Traffic {
  readonly mux: Mux;
  /** Count of numbered frames received. */
  readonly received: number;
  readonly keptBytes: number;
  /** Stops keeping frames and drops those kept: the peer does not support resumption. */
  forgetReplay(): void;
  /** Acknowledges everything received, even a small amount; for idle connections. */
  acknowledge(): void;
  /** Prepares the retransmission on a new connection, given the peer's count of received frames. @throws RexaError FRAME_MISPLACED */
  resume(peerReceived: number): void;
  /** While detached: keeps what the channels send, within credit and memory limits. */
  absorb(): void;
  /** Returns whether any byte of the request of an own channel was passed to a connection. */
  wasSent(channel: number): boolean;
  handleLinkEnd(): void;
}

/**
 * @param replay keeps frames; without it a lost connection is the end of the link
 * @param intake limits of the peer's control messages
 */
export function createLinkCore(
  role: Role,
  processBudget?: Budget,
  replay: ReplayLayer = createNullReplay(),
  intake?: Intake,
): LinkCore {
  const mux = createMux(role, processBudget, intake);
  let layer = replay;
  /** The highest own channel number that was sent. */
  let lastSent = 0;

  function isOfOurs(channel: number): boolean {
    return channel % 2 === (role === 'client' ? 1 : 0);
  }

  function pollNew(): Frame | null {
    const frame = mux.pollFrame(layer.makeRoom());
    if (frame) layer.handleOutgoing(frame);
    return frame;
  }

  return {
    mux,
    handleFrame(frame) {
      const passed = layer.handleIncoming(frame);
      // Only at the daemon: what it keeps is caused by its peer, while a client keeps its own user's requests.
      if (role === 'daemon' && layer.keptBytes > MAX_UNACKNOWLEDGED_BYTES)
        throw new RexaError('ACKS_MISSING', [MAX_UNACKNOWLEDGED_BYTES]);
      if (passed) mux.handleFrame(passed);
    },
    pollFrame() {
      const own = layer.pollFrame(mux.hasOutput);
      if (own) return own;
      const frame = pollNew();
      const begins = frame?.type === FRAME_TYPE.open || frame?.type === FRAME_TYPE.more;
      if (frame && begins && isOfOurs(frame.channel)) lastSent = Math.max(lastSent, frame.channel);
      return frame;
    },
    forgetReplay() {
      layer.release();
      layer = createNullReplay();
    },
    acknowledge: () => layer.acknowledge(),
    resume(peerReceived) {
      layer.resume(peerReceived);
      mux.restateCredit();
    },
    absorb() {
      while (pollNew());
    },
    wasSent: (channel) => channel <= lastSent,
    handleLinkEnd() {
      mux.handleLinkEnd();
      layer.release();
    },
    get received() {
      return layer.received;
    },
    get keptBytes() {
      return layer.keptBytes;
    },
  };
}

import { FRAME_TYPE, type Frame } from '../framing/frame.ts';
import type { Budget } from './budget.ts';
import { RexaError } from './errors.ts';
import type { Intake } from './intake.ts';
import { MAX_UNACKNOWLEDGED_BYTES } from './limits.ts';
import { createMux, type Mux, type Role } from './mux.ts';
import { createNullReplay, type ReplayLayer } from './replay.ts';

/** What a connection carries: the frames of a link, in and out. */
export interface Traffic {
  /** @throws RexaError of reaction `link` */
  handleFrame(frame: Frame): void;
  /** The next frame to send, to be kept or not: it counts as sent. */
  pollFrame(): Frame | null;
}

/** What of a link does not end with a connection: its channels, and what is kept for the peer. Sans IO. */
export interface LinkCore extends Traffic {
  readonly mux: Mux;
  /** Numbered frames that have arrived. */
  readonly received: number;
  readonly keptBytes: number;
  /** The peer knows nothing of numbers: what was kept is not wanted again, and nothing more is kept. */
  forgetReplay(): void;
  /** What is quiet says what it has got, however little that is. */
  acknowledge(): void;
  /** Another connection will carry the link: the peer has so many of our frames. @throws RexaError FRAME_MISPLACED */
  resume(peerReceived: number): void;
  /** Without a connection: takes what the channels send, as far as credit and memory go, and keeps it. */
  absorb(): void;
  /** Whether a byte of the request of a channel that we opened was given to a connection. */
  wasSent(channel: number): boolean;
  handleLinkEnd(): void;
}

/**
 * @param replay what keeps frames; without it a lost connection is the end of the link
 * @param intake what the peer may send in control messages
 */
export function createLinkCore(
  role: Role,
  processBudget?: Budget,
  replay: ReplayLayer = createNullReplay(),
  intake?: Intake,
): LinkCore {
  const mux = createMux(role, processBudget, intake);
  let layer = replay;
  /** The highest of our own channels' numbers that has left. */
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
      // A client of ours may have a great deal to ask; what a daemon keeps is what a peer made it say.
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

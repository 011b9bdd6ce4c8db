import type { Frame } from '../framing/frame.ts';

/**
 * The layer between framing and channels that will carry a link over a lost connection: it sees every frame that
 * goes out and comes in, may keep the first and drop the second, and has frames of its own to send.
 * One suite judges every implementation: test/unit/protocol/replay-conformance.ts.
 */
export interface ReplayLayer {
  /** A frame of the channels leaves: the layer may keep it until the peer has acknowledged it. */
  handleOutgoing(frame: Frame): void;
  /** A frame arrived: the frame for the channels, or null when it is the layer's own or a repetition. */
  handleIncoming(frame: Frame): Frame | null;
  /** The layer's next own frame, or one to send again. */
  pollFrame(): Frame | null;
  /** Bytes kept for a peer that has not acknowledged them. */
  readonly keptBytes: number;
}

/** Forgets every frame at once: a lost connection is the end of the link. */
export function createNullReplay(): ReplayLayer {
  return {
    handleOutgoing() {},
    handleIncoming: (frame) => frame,
    pollFrame: () => null,
    keptBytes: 0,
  };
}

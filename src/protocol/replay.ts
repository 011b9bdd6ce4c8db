import { FRAME_TYPE, type Frame, STREAM_FRAME_TYPE } from '../framing/frame.ts';

/**
 * The layer between framing and channels that makes a link survive the loss of its connection: it sees every frame in both
 * directions, may keep outgoing ones, and sends frames of its own; docs/protocol.md, 8.
 * All implementations run the suite test/unit/protocol/replay-conformance.ts.
 */
export interface ReplayLayer {
  /** Handles an outgoing frame of the channels, which the layer may keep until the peer acknowledges it. */
  handleOutgoing(frame: Frame): void;
  /**
   * Handles an incoming frame; returns it for the channels, or null if it belongs to this layer.
   * @throws RexaError FRAME_PAYLOAD, FRAME_MISPLACED for an impossible acknowledgement
   */
  handleIncoming(frame: Frame): Frame | null;
  /**
   * Returns the layer's next own frame, or a frame to retransmit; null if there is none.
   * @param hasCompany other frames are about to be sent, so that an acknowledgement costs little
   */
  pollFrame(hasCompany?: boolean): Frame | null;
  /** Makes the next `pollFrame` acknowledge everything received, even a small amount. */
  acknowledge(): void;
  /** Returns whether there is room to keep further data frames. */
  makeRoom(): boolean;
  /** Starts the retransmission on a new connection, after the frames that the peer has received. @throws RexaError FRAME_MISPLACED */
  resume(peerReceived: number): void;
  /** Drops everything, at the end of the link. */
  release(): void;
  /** Count of numbered frames received. */
  readonly received: number;
  /** Memory of unacknowledged frames. */
  readonly keptBytes: number;
}

/** Returns a layer that keeps nothing: a lost connection is the end of the link. */
export function createNullReplay(): ReplayLayer {
  return {
    handleOutgoing() {},
    handleIncoming: (frame) => frame,
    pollFrame: () => null,
    acknowledge() {},
    makeRoom: () => true,
    resume() {},
    release() {},
    received: 0,
    keptBytes: 0,
  };
}

/**
 * Returns whether a frame is numbered because it must arrive exactly once and in order. Credit and pings are not: they are
 * sent anew on each connection.
 */
export function isNumbered({ type, channel }: Frame): boolean {
  const kind = type & 0xf0;
  if (kind === FRAME_TYPE.open) return channel !== 0;
  return kind === STREAM_FRAME_TYPE.data || kind === STREAM_FRAME_TYPE.end;
}

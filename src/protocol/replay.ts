import { FRAME_TYPE, type Frame, STREAM_FRAME_TYPE } from '../framing/frame.ts';

/**
 * The layer between framing and channels that carries a link over a lost connection: it sees every frame that
 * goes out and comes in, may keep the first, and has frames of its own to send; docs/protocol.md, 8.
 * One suite judges every implementation: test/unit/protocol/replay-conformance.ts.
 */
export interface ReplayLayer {
  /** A frame of the channels leaves: the layer may keep it until the peer has acknowledged it. */
  handleOutgoing(frame: Frame): void;
  /**
   * A frame arrived: the frame for the channels, or null when it is the layer's own.
   * @throws RexaError FRAME_PAYLOAD, FRAME_MISPLACED for an acknowledgement that can't be
   */
  handleIncoming(frame: Frame): Frame | null;
  /**
   * The layer's next own frame, or one to send again.
   * @param hasCompany other frames are about to leave: an acknowledgement costs little beside them
   */
  pollFrame(hasCompany?: boolean): Frame | null;
  /** The next `pollFrame` acknowledges what has arrived, however little it is. */
  acknowledge(): void;
  /** Whether further data may be made: there is room to keep it. */
  makeRoom(): boolean;
  /** A new connection: the peer has so many of our frames, what is behind them is sent again. @throws RexaError FRAME_MISPLACED */
  resume(peerReceived: number): void;
  /** The link is over: nothing is kept any more. */
  release(): void;
  /** Numbered frames that have arrived. */
  readonly received: number;
  /** Memory of what is kept for a peer that has not acknowledged it. */
  readonly keptBytes: number;
}

/** Forgets every frame at once: a lost connection is the end of the link. */
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
 * Whether a frame counts: what must arrive once and in order. Credit and pings are not numbered; what holds of them is
 * said anew on each connection.
 */
export function isNumbered({ type, channel }: Frame): boolean {
  const kind = type & 0xf0;
  if (kind === FRAME_TYPE.open) return channel !== 0;
  return kind === STREAM_FRAME_TYPE.data || kind === STREAM_FRAME_TYPE.end;
}

import { FRAME_TYPE, LINK } from '../framing/frame.ts';
import { encodeAck, readAck } from './ack-frame.ts';
import type { Budget } from './budget.ts';
import { RexaError } from './errors.ts';
import { createKeptFrames, type PayloadHolder } from './kept-frames.ts';
import { ACK_ALONE_BYTES, ACK_ALONE_FRAMES, ACK_BESIDE_BYTES, ACK_BESIDE_FRAMES } from './limits.ts';
import { isNumbered, type ReplayLayer } from './replay.ts';

/** The memory of a replay layer. */
export interface ReplayOptions {
  /** Limit for all links of the process, beyond each link's own allowance. */
  readonly keptBudget?: Budget | undefined;
  readonly holder?: PayloadHolder | undefined;
}

/**
 * Returns a layer that keeps every numbered frame until the peer acknowledges it, and retransmits missing frames on a new
 * connection before it sends new ones. Frames are numbered by counting from 1, separately on each side.
 */
export function createReplay({ keptBudget, holder }: ReplayOptions = {}): ReplayLayer {
  const kept = createKeptFrames(keptBudget, holder);
  let received = 0;
  /** Received since the last acknowledgement sent. */
  let unackedFrames = 0;
  let unackedBytes = 0;
  let isAckDue = false;
  /** The number of the next frame to retransmit; none if it exceeds the last. */
  let resending = 1;

  /** @throws RexaError FRAME_MISPLACED */
  function forget(upTo: number, sent: number, what: string): void {
    if (upTo < kept.forgotten || upTo > sent)
      throw new RexaError('FRAME_MISPLACED', [
        what,
        `it counts ${upTo} frames, ${kept.forgotten} to ${sent} can be`,
      ]);
    kept.forget(upTo);
  }

  function isAckWanted(hasCompany: boolean): boolean {
    if (isAckDue) return unackedFrames > 0;
    if (unackedFrames >= ACK_ALONE_FRAMES || unackedBytes >= ACK_ALONE_BYTES) return true;
    return hasCompany && (unackedFrames >= ACK_BESIDE_FRAMES || unackedBytes >= ACK_BESIDE_BYTES);
  }

  function noteAcknowledged(): void {
    unackedFrames = 0;
    unackedBytes = 0;
    isAckDue = false;
  }

  return {
    handleOutgoing(frame) {
      if (!isNumbered(frame)) return;
      // During a retransmission a new frame waits for its turn after the older ones.
      if (resending > kept.last) resending++;
      kept.push(frame);
    },
    handleIncoming(frame) {
      if (frame.type === FRAME_TYPE.ack && frame.channel === LINK) {
        forget(readAck(frame), resending - 1, 'ack');
        return null;
      }
      if (isNumbered(frame)) {
        received++;
        unackedFrames++;
        unackedBytes += frame.payload.length;
      }
      return frame;
    },
    pollFrame(hasCompany = false) {
      if (isAckWanted(hasCompany)) {
        noteAcknowledged();
        return encodeAck(received);
      }
      return resending > kept.last ? null : (kept.get(resending++) ?? null);
    },
    acknowledge() {
      isAckDue = true;
    },
    makeRoom: kept.makeRoom,
    resume(peerReceived) {
      forget(peerReceived, kept.last, 'attach');
      // The handshake of this connection has sent the count to the peer.
      noteAcknowledged();
      resending = peerReceived + 1;
    },
    release: kept.clear,
    get received() {
      return received;
    },
    get keptBytes() {
      return kept.bytes;
    },
  };
}

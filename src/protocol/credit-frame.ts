import { type ChannelId, type Frame, STREAM_FRAME_TYPE, type StreamNumber } from '../framing/frame.ts';
import { RexaError } from './errors.ts';

/** Size in bytes of the offset in a credit frame, a u64. */
const OFFSET_BYTES = 8;

/** Encodes a credit frame that permits stream `stream` up to `offset`. */
export function encodeCredit(channel: ChannelId, stream: StreamNumber, offset: number): Frame {
  const payload = new Uint8Array(OFFSET_BYTES);
  new DataView(payload.buffer).setBigUint64(0, BigInt(offset));
  return { type: STREAM_FRAME_TYPE.credit + stream, channel, payload };
}

/**
 * Returns the offset of a credit frame.
 * @throws RexaError FRAME_PAYLOAD; CREDIT_INVALID from 2^53 on
 */
export function readCredit(frame: Frame, stream: StreamNumber): number {
  const { payload, channel } = frame;
  if (payload.length !== OFFSET_BYTES)
    throw new RexaError('FRAME_PAYLOAD', ['credit', payload.length, OFFSET_BYTES]);
  const offset = new DataView(payload.buffer, payload.byteOffset, OFFSET_BYTES).getBigUint64(0);
  if (offset > BigInt(Number.MAX_SAFE_INTEGER))
    throw new RexaError('CREDIT_INVALID', [stream, channel, offset]);
  return Number(offset);
}

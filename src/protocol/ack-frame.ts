import { FRAME_TYPE, type Frame, LINK } from '../framing/frame.ts';
import { RexaError } from './errors.ts';

/** Size in bytes of an acknowledgement, a u64. */
const COUNT_BYTES = 8;

/** Encodes an ack: the count of numbered frames received. */
export function encodeAck(received: number): Frame {
  const payload = new Uint8Array(COUNT_BYTES);
  new DataView(payload.buffer).setBigUint64(0, BigInt(received));
  return { type: FRAME_TYPE.ack, channel: LINK, payload };
}

/** Returns the count of an ack. @throws RexaError FRAME_PAYLOAD */
export function readAck({ payload }: Frame): number {
  if (payload.length !== COUNT_BYTES)
    throw new RexaError('FRAME_PAYLOAD', ['ack', payload.length, COUNT_BYTES]);
  // A count above 2^53 loses precision, but exceeds the number of frames sent in any case.
  return Number(new DataView(payload.buffer, payload.byteOffset, COUNT_BYTES).getBigUint64(0));
}

import { FRAME_TYPE, type Frame, LINK } from '../framing/frame.ts';
import { RexaError } from './errors.ts';

/** Bytes of an acknowledgement, a u64. */
const COUNT_BYTES = 8;

/** The frame that says that so many numbered frames have arrived. */
export function encodeAck(received: number): Frame {
  const payload = new Uint8Array(COUNT_BYTES);
  new DataView(payload.buffer).setBigUint64(0, BigInt(received));
  return { type: FRAME_TYPE.ack, channel: LINK, payload };
}

/** @throws RexaError FRAME_PAYLOAD */
export function readAck({ payload }: Frame): number {
  if (payload.length !== COUNT_BYTES)
    throw new RexaError('FRAME_PAYLOAD', ['ack', payload.length, COUNT_BYTES]);
  // Beyond what a number holds exactly it is more than was ever sent, whatever it is rounded to.
  return Number(new DataView(payload.buffer, payload.byteOffset, COUNT_BYTES).getBigUint64(0));
}

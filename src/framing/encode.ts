import { type Frame, HEADER_BYTES, LENGTH_FIELD_BYTES, TYPE_AND_CHANNEL_BYTES } from './frame.ts';

/**
 * The header of a frame; the payload follows it unchanged, so that it need not be copied.
 * @returns 9 bytes
 */
export function encodeHeader(frame: Frame): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, TYPE_AND_CHANNEL_BYTES + frame.payload.length);
  view.setUint8(LENGTH_FIELD_BYTES, frame.type);
  view.setUint32(LENGTH_FIELD_BYTES + 1, frame.channel);
  return header;
}

import { type Frame, HEADER_BYTES, LENGTH_FIELD_BYTES, TYPE_AND_CHANNEL_BYTES } from './frame.ts';

/**
 * Encodes the header of a frame. The payload is sent after it as it is, without a copy.
 * @returns 9 bytes
 */
export function encodeHeader(frame: Frame): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  setUint32(header, 0, TYPE_AND_CHANNEL_BYTES + frame.payload.length);
  header[LENGTH_FIELD_BYTES] = frame.type;
  setUint32(header, LENGTH_FIELD_BYTES + 1, frame.channel);
  return header;
}

/** Like DataView.setUint32; creating a DataView for nine bytes would cost more than the rest. */
function setUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

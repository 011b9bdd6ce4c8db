/**
 * The frame of the rexa protocol: `u32 length | u8 type | u32 channel | payload`, big-endian; `length` counts the bytes
 * after it. This file has the layout and the types; encode.ts and decode.ts convert.
 */

/** Size of the length field. */
export const LENGTH_FIELD_BYTES = 4;
/** Size of type and channel, which is the minimum of the length field. */
export const TYPE_AND_CHANNEL_BYTES = 5;
/** Size of the header, before the payload. */
export const HEADER_BYTES = LENGTH_FIELD_BYTES + TYPE_AND_CHANNEL_BYTES;

/** A channel's number; 0 is the link itself. */
export type ChannelId = number & { readonly brand: 'ChannelId' };
/** One of the sixteen byte streams of a channel and direction: 0 is stdin or stdout, 1 is stderr. */
export type StreamNumber = number & { readonly brand: 'StreamNumber' };

/** The channel number of frames that concern the link. */
export const LINK = 0 as ChannelId;
/** Streams in each direction of a channel. */
export const STREAMS_PER_CHANNEL = 16;

/** Returns a stream's number. @throws RangeError for one that no channel has */
export function toStreamNumber(number: number): StreamNumber {
  if (Number.isInteger(number) && number >= 0 && number < STREAMS_PER_CHANNEL) return number as StreamNumber;
  throw new RangeError(`a stream has a number from 0 to ${STREAMS_PER_CHANNEL - 1}, not ${number}`);
}

/** Type codes of frames without a stream number. */
export const FRAME_TYPE = {
  hello: 0x01,
  goaway: 0x02,
  ping: 0x03,
  pong: 0x04,
  choose: 0x05,
  proof: 0x06,
  challenge: 0x07,
  attach: 0x08,
  attached: 0x09,
  ack: 0x0a,
  suspended: 0x0b,
  relay: 0x0c,
  open: 0x10,
  message: 0x11,
  close: 0x12,
  more: 0x13,
} as const;

/** Type codes of frames that belong to a stream; the low four bits are the stream number. */
export const STREAM_FRAME_TYPE = { data: 0x20, end: 0x30, credit: 0x40 } as const;

/** A frame; the payload is interpreted by the protocol layer. */
export interface Frame {
  /** The type code, 0..255; the protocol layer refuses unknown ones. */
  readonly type: number;
  readonly channel: ChannelId;
  readonly payload: Uint8Array;
}

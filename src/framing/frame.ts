/**
 * The frame of the length-header wire: `u32 length | u8 type | u32 channel | payload`, big-endian; the length
 * counts what follows it. This file holds the layout and the types, encode.ts and decode.ts the two directions.
 */

/** Bytes of the length field. */
export const LENGTH_FIELD_BYTES = 4;
/** Bytes of type and channel, which every length counts: the least length that a frame can have. */
export const TYPE_AND_CHANNEL_BYTES = 5;
/** Bytes in front of a payload. */
export const HEADER_BYTES = LENGTH_FIELD_BYTES + TYPE_AND_CHANNEL_BYTES;

/** A channel's number; 0 is the link itself. */
export type ChannelId = number & { readonly brand: 'ChannelId' };
/** One of the sixteen byte streams of a channel and direction: 0 is stdin or stdout, 1 is stderr. */
export type StreamNumber = number & { readonly brand: 'StreamNumber' };

/** The channel number of frames that concern the link. */
export const LINK = 0 as ChannelId;
/** Streams in each direction of a channel. */
export const STREAMS_PER_CHANNEL = 16;

/** The codes of frames that carry no stream number. */
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

/** The codes of frames that belong to one stream: the low four bits are the stream's number. */
export const STREAM_FRAME_TYPE = { data: 0x20, end: 0x30, credit: 0x40 } as const;

/** One frame as it stands on the wire: the payload's meaning is the protocol's business. */
export interface Frame {
  /** The type's code, 0..255; unknown ones are for the protocol to refuse. */
  readonly type: number;
  readonly channel: ChannelId;
  readonly payload: Uint8Array;
}

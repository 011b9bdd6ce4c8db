import {
  type ChannelId,
  type Frame,
  HEADER_BYTES,
  LENGTH_FIELD_BYTES,
  TYPE_AND_CHANNEL_BYTES,
} from './frame.ts';

/** A result of the decoder: a frame, a request for more bytes, or the refusal of a length field. */
export type Decoded =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'refused'; readonly reason: 'too-large' | 'too-short'; readonly lengthBytes: number };

/** Decodes frames from chunks with arbitrary boundaries. */
export interface FrameDecoder {
  /**
   * Adds the next chunk, after `next` has returned `incomplete`.
   * The decoder and its frames keep views of `bytes`, so the caller must not modify them afterwards.
   */
  push(bytes: Uint8Array): void;
  /**
   * Returns the next complete frame. Its payload is a view of the pushed bytes; one that spans two chunks is copied, unless
   * the chunks are adjacent in memory.
   */
  next(): Decoded;
  /** True between frames: an end of input here truncates nothing. */
  readonly isAtBoundary: boolean;
}

const INCOMPLETE: Decoded = { kind: 'incomplete' };
const NO_BYTES = new Uint8Array(0);

/** @param maxLengthBytes limit of the length field, checked as soon as its four bytes have arrived */
export function createFrameDecoder(maxLengthBytes: number): FrameDecoder {
  const header = new Uint8Array(HEADER_BYTES);
  const headerView = new DataView(header.buffer);
  let headerFilled = 0;
  let input: Uint8Array = NO_BYTES;
  let position = 0;
  /** The payload that is assembled from several chunks, and the count of its bytes so far. */
  let payload: Uint8Array | null = null;
  let payloadFilled = 0;

  function fillHeader(upTo: number): boolean {
    while (headerFilled < upTo && position < input.length)
      header[headerFilled++] = input[position++] as number;
    return headerFilled >= upTo;
  }

  function finish(bytes: Uint8Array): Decoded {
    headerFilled = 0;
    payload = null;
    const type = header[LENGTH_FIELD_BYTES] as number;
    const channel = headerView.getUint32(LENGTH_FIELD_BYTES + 1) as ChannelId;
    return { kind: 'frame', frame: { type, channel, payload: bytes } };
  }

  function checkLength(lengthBytes: number): Decoded | null {
    if (lengthBytes > maxLengthBytes) return { kind: 'refused', reason: 'too-large', lengthBytes };
    if (lengthBytes < TYPE_AND_CHANNEL_BYTES) return { kind: 'refused', reason: 'too-short', lengthBytes };
    return null;
  }

  /** Starts to assemble a payload whose rest is not adjacent in memory. */
  function startPayload(): void {
    payload = new Uint8Array(headerView.getUint32(0) - TYPE_AND_CHANNEL_BYTES);
    payload.set(input.subarray(position));
    payloadFilled = input.length - position;
  }

  /** Returns the undecoded rest of the input and `bytes` as one view; null if they are not adjacent in memory. */
  function joinInPlace(bytes: Uint8Array): Uint8Array | null {
    const isBehind = bytes.buffer === input.buffer && bytes.byteOffset === input.byteOffset + input.length;
    const start = input.byteOffset + position;
    return isBehind ? new Uint8Array(input.buffer, start, input.length - position + bytes.length) : null;
  }

  function next(): Decoded {
    if (!fillHeader(LENGTH_FIELD_BYTES)) return INCOMPLETE;
    const lengthBytes = headerView.getUint32(0);
    const refusal = checkLength(lengthBytes);
    if (refusal) return refusal;
    if (!fillHeader(HEADER_BYTES)) return INCOMPLETE;

    const payloadBytes = lengthBytes - TYPE_AND_CHANNEL_BYTES;
    if (payload === null) {
      if (input.length - position < payloadBytes) return INCOMPLETE;
      const view = input.subarray(position, position + payloadBytes);
      position += payloadBytes;
      return finish(view);
    }
    const piece = input.subarray(position, position + payloadBytes - payloadFilled);
    payload.set(piece, payloadFilled);
    payloadFilled += piece.length;
    position += piece.length;
    return payloadFilled === payloadBytes ? finish(payload) : INCOMPLETE;
  }

  return {
    push(bytes) {
      const isCut = headerFilled === HEADER_BYTES && position < input.length;
      const joined = isCut ? joinInPlace(bytes) : null;
      if (isCut && !joined) startPayload();
      input = joined ?? bytes;
      position = 0;
    },
    next,
    get isAtBoundary() {
      return headerFilled === 0 && position === input.length;
    },
  };
}

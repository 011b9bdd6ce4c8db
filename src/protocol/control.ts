import { type ChannelId, FRAME_TYPE, type Frame } from '../framing/frame.ts';
import { RexaError } from './errors.ts';
import { CONTROL_PIECE_BYTES, MAX_CONTROL_BYTES } from './limits.ts';
import { decodeUtf8, encodeUtf8 } from './text.ts';

/** A control payload: what it may hold is judged by the schema of its reader. */
export type JsonObject = { readonly [field: string]: unknown };

/** Names of the frames that carry control, for messages. */
export type ControlName = 'hello' | 'goodbye' | 'open' | 'message' | 'close';

/**
 * The frames of one control message: `more` pieces first if it is long.
 * @throws RexaError CONTROL_TOO_LARGE
 */
export function encodeControl(name: ControlName, channel: ChannelId, message: JsonObject): Frame[] {
  const bytes = encodeUtf8(JSON.stringify(message));
  if (bytes.length > MAX_CONTROL_BYTES) throw new RexaError('CONTROL_TOO_LARGE', [MAX_CONTROL_BYTES]);
  const frames: Frame[] = [];
  let start = 0;
  while (bytes.length - start > CONTROL_PIECE_BYTES) {
    frames.push({
      type: FRAME_TYPE.more,
      channel,
      payload: bytes.subarray(start, start + CONTROL_PIECE_BYTES),
    });
    start += CONTROL_PIECE_BYTES;
  }
  frames.push({ type: FRAME_TYPE[name], channel, payload: start === 0 ? bytes : bytes.subarray(start) });
  return frames;
}

/** @throws RexaError CONTROL_NOT_JSON */
export function decodeControl(name: ControlName, bytes: Uint8Array): JsonObject {
  try {
    const value: unknown = JSON.parse(decodeUtf8(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (cause) {
    throw new RexaError('CONTROL_NOT_JSON', [name], { cause });
  }
  throw new RexaError('CONTROL_NOT_JSON', [name]);
}

/** Puts the pieces of long control messages together: at most one of each channel is under way at a time. */
export interface ControlJoiner {
  /** A `more` frame. @throws RexaError CONTROL_TOO_LARGE, also when all unfinished ones together are too large */
  handlePiece(frame: Frame): void;
  /** The payload of the last frame of a message, with its pieces in front. @throws RexaError CONTROL_TOO_LARGE */
  finish(frame: Frame): Uint8Array;
}

export function createControlJoiner(): ControlJoiner {
  const pieces = new Map<ChannelId, Uint8Array[]>();
  let heldBytes = 0;

  function checkSize(): void {
    if (heldBytes > MAX_CONTROL_BYTES) throw new RexaError('CONTROL_TOO_LARGE', [MAX_CONTROL_BYTES]);
  }

  return {
    handlePiece(frame) {
      heldBytes += frame.payload.length;
      checkSize();
      const earlier = pieces.get(frame.channel);
      // Copied: a small piece would otherwise keep the whole read buffer that it is a view of.
      if (earlier) earlier.push(frame.payload.slice());
      else pieces.set(frame.channel, [frame.payload.slice()]);
    },
    finish(frame) {
      const earlier = pieces.get(frame.channel);
      if (!earlier) return frame.payload;
      heldBytes += frame.payload.length;
      checkSize();
      const whole = concatBytes([...earlier, frame.payload]);
      heldBytes -= whole.length;
      pieces.delete(frame.channel);
      return whole;
    },
  };
}

function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

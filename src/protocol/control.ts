import { type ChannelId, FRAME_TYPE, type Frame } from '../framing/frame.ts';
import { type ByteQueue, createByteQueue } from './byte-queue.ts';
import { RexaError } from './errors.ts';
import {
  CONTROL_PIECE_BYTES,
  MAX_CHANNELS_PER_LINK,
  MAX_CONTROL_BYTES,
  MAX_CONTROL_DEPTH,
} from './limits.ts';
import { decodeUtf8, encodeUtf8 } from './text.ts';

/** A control payload: what it may hold is judged by the schema of its reader. */
export type JsonObject = { readonly [field: string]: unknown };

/** Names of the frames that carry control, for messages. */
export type ControlName =
  | 'hello'
  | 'goodbye'
  | 'choose'
  | 'proof'
  | 'challenge'
  | 'attach'
  | 'attached'
  | 'open'
  | 'message'
  | 'close';

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
    if (isTooDeep(bytes)) throw new SyntaxError(`more than ${MAX_CONTROL_DEPTH} levels`);
    const value: unknown = JSON.parse(decodeUtf8(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (cause) {
    throw new RexaError('CONTROL_NOT_JSON', [name], { cause });
  }
  throw new RexaError('CONTROL_NOT_JSON', [name]);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Below this size the parser takes no time, whatever it is given. */
const HARMLESS_BYTES = 4096;

/** Megabytes of nothing but opened brackets keep the parser busy for seconds, and everybody else waiting. */
function isTooDeep(bytes: Uint8Array): boolean {
  if (bytes.length <= HARMLESS_BYTES) return false;
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) inText = !inText;
    else if (inText) at += byte === BACKSLASH ? 1 : 0;
    // Both kinds of brackets differ in one bit: [ 5b, { 7b; ] 5d, } 7d.
    else if ((byte | 0x20) === 0x7b && ++depth > MAX_CONTROL_DEPTH) return true;
    else if ((byte | 0x20) === 0x7d) depth--;
  }
  return false;
}

/** Puts the pieces of long control messages together: at most one of each channel is under way at a time. */
export interface ControlJoiner {
  /**
   * A `more` frame.
   * @throws RexaError CONTROL_TOO_LARGE, also when all unfinished messages together are too large; FRAME_MISPLACED when
   * there are more of them than channels can be
   */
  handlePiece(frame: Frame): void;
  /** The payload of the last frame of a message, with its pieces in front. @throws RexaError CONTROL_TOO_LARGE */
  finish(frame: Frame): Uint8Array;
}

export function createControlJoiner(): ControlJoiner {
  const unfinished = new Map<ChannelId, ByteQueue>();
  let heldBytes = 0;

  function hold(bytes: number): void {
    heldBytes += bytes;
    if (heldBytes > MAX_CONTROL_BYTES) throw new RexaError('CONTROL_TOO_LARGE', [MAX_CONTROL_BYTES]);
  }

  function startMessage(channel: ChannelId): ByteQueue {
    if (unfinished.size >= MAX_CHANNELS_PER_LINK)
      throw new RexaError('FRAME_MISPLACED', ['more', `${unfinished.size} messages are unfinished`]);
    const pieces = createByteQueue();
    unfinished.set(channel, pieces);
    return pieces;
  }

  return {
    handlePiece({ channel, payload }) {
      hold(payload.length);
      const pieces = unfinished.get(channel) ?? startMessage(channel);
      // Copied: a piece would otherwise keep the whole read buffer that it is a view of.
      pieces.push(new Uint8Array(payload));
    },
    finish({ channel, payload }) {
      const pieces = unfinished.get(channel);
      if (!pieces) return payload;
      unfinished.delete(channel);
      hold(payload.length);
      pieces.push(payload);
      heldBytes -= pieces.length;
      return takeAll(pieces);
    },
  };
}

function takeAll(pieces: ByteQueue): Uint8Array {
  const whole = new Uint8Array(pieces.length);
  for (let position = 0; position < whole.length; ) {
    const piece = pieces.take(whole.length) as Uint8Array;
    whole.set(piece, position);
    position += piece.length;
  }
  return whole;
}

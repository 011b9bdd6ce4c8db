import { type ChannelId, FRAME_TYPE, type Frame } from '../framing/frame.ts';
import { createBudget } from './budget.ts';
import { type ByteQueue, createByteQueue } from './byte-queue.ts';
import { RexaError } from './errors.ts';
import type { RequestBudget } from './intake.ts';
import {
  CONTROL_PIECE_BYTES,
  MAX_CHANNELS_PER_LINK,
  MAX_CONTROL_BYTES,
  MAX_CONTROL_DEPTH,
} from './limits.ts';
import { scanJson } from './scan-json.ts';
import { decodeUtf8, encodeUtf8 } from './text.ts';

/** A control payload: what it may hold is judged by the schema of its reader. */
export type JsonObject = { readonly [field: string]: unknown };

/** Names of the frames that carry control, for messages. */
export type ControlName =
  | 'hello'
  | 'goaway'
  | 'choose'
  | 'proof'
  | 'challenge'
  | 'attach'
  | 'attached'
  | 'relay'
  | 'open'
  | 'message'
  | 'close';

/**
 * The frames of one control message: `more` pieces first if it is long.
 * @throws RexaError CONTROL_TOO_LARGE
 */
export function encodeControl(name: ControlName, channel: ChannelId, message: JsonObject): Frame[] {
  const bytes = encodeUtf8(JSON.stringify(message));
  if (bytes.length > MAX_CONTROL_BYTES)
    throw new RexaError('CONTROL_TOO_LARGE', [MAX_CONTROL_BYTES, 'bytes']);
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

/** A control message as it was parsed, and how many values and keys it holds. */
export interface DecodedControl {
  readonly message: JsonObject;
  readonly items: number;
}

/**
 * Parses a control message, having measured it.
 * @param maxItems values and keys that it may hold
 * @throws RexaError CONTROL_NOT_JSON; CONTROL_TOO_LARGE with too many items
 */
export function measureControl(name: ControlName, bytes: Uint8Array, maxItems: number): DecodedControl {
  const { depth, items } = scanJson(bytes, { maxDepth: MAX_CONTROL_DEPTH, maxItems });
  if (items > maxItems) throw new RexaError('CONTROL_TOO_LARGE', [maxItems, 'values and keys']);
  return { message: parseObject(name, bytes, depth), items };
}

/** The same where its number of items is of no interest. @param maxItems default: as many as fit */
export function decodeControl(
  name: ControlName,
  bytes: Uint8Array,
  maxItems: number = Number.POSITIVE_INFINITY,
): JsonObject {
  return measureControl(name, bytes, maxItems).message;
}

function parseObject(name: ControlName, bytes: Uint8Array, depth: number): JsonObject {
  try {
    if (depth > MAX_CONTROL_DEPTH) throw new SyntaxError(`more than ${MAX_CONTROL_DEPTH} levels`);
    const value: unknown = JSON.parse(decodeUtf8(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (cause) {
    throw new RexaError('CONTROL_NOT_JSON', [name], { cause });
  }
  throw new RexaError('CONTROL_NOT_JSON', [name]);
}

/** Puts the pieces of long control messages together: at most one of each channel is under way at a time. */
export interface ControlJoiner {
  /**
   * A `more` frame of a message that may have so many bytes.
   * @throws RexaError CONTROL_TOO_LARGE; REQUESTS_EXHAUSTED when the budget has no room; FRAME_MISPLACED when more
   * messages are unfinished than channels can be
   */
  handlePiece(frame: Frame, maxBytes?: number): void;
  /** The payload of the last frame of a message, with its pieces in front. @throws as handlePiece */
  finish(frame: Frame, maxBytes?: number): Uint8Array;
  /** Throws away what has come of the channel's unfinished message. */
  discard(channel: ChannelId): void;
  /** The link is over: gives everything back to the budget. */
  release(): void;
}

/** @param budget the memory of unfinished messages */
export function createControlJoiner(budget: RequestBudget = createBudget(MAX_CONTROL_BYTES)): ControlJoiner {
  const unfinished = new Map<ChannelId, ByteQueue>();

  function startMessage(channel: ChannelId): ByteQueue {
    if (unfinished.size >= MAX_CHANNELS_PER_LINK)
      throw new RexaError('FRAME_MISPLACED', ['more', `${unfinished.size} messages are unfinished`]);
    const pieces = createByteQueue();
    unfinished.set(channel, pieces);
    return pieces;
  }

  function check(bytes: number, maxBytes: number): void {
    if (bytes > maxBytes) throw new RexaError('CONTROL_TOO_LARGE', [maxBytes, 'bytes']);
  }

  function discard(channel: ChannelId): void {
    budget.giveBack(unfinished.get(channel)?.length ?? 0);
    unfinished.delete(channel);
  }

  return {
    handlePiece({ channel, payload }, maxBytes = MAX_CONTROL_BYTES) {
      const pieces = unfinished.get(channel) ?? startMessage(channel);
      check(pieces.length + payload.length, maxBytes);
      if (!budget.take(payload.length)) throw new RexaError('REQUESTS_EXHAUSTED', [budget.totalBytes]);
      // Copied: a piece would otherwise keep the whole read buffer that it is a view of.
      pieces.push(new Uint8Array(payload));
    },
    finish({ channel, payload }, maxBytes = MAX_CONTROL_BYTES) {
      const pieces = unfinished.get(channel);
      check((pieces?.length ?? 0) + payload.length, maxBytes);
      if (!pieces) return payload;
      discard(channel);
      pieces.push(payload);
      return takeAll(pieces);
    },
    discard,
    release() {
      for (const channel of unfinished.keys()) discard(channel);
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

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

/** A parsed control message, not validated against a schema yet. */
export type JsonObject = { readonly [field: string]: unknown };

/** Names of the frames that carry control messages, for error messages. */
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
 * Encodes a control message to frames; a long one begins with `more` fragments.
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

/** A parsed control message, and its count of values and keys. */
export interface DecodedControl {
  readonly message: JsonObject;
  readonly items: number;
}

/**
 * Parses a control message after checking its size.
 * @param maxItems limit of values and keys
 * @throws RexaError CONTROL_NOT_JSON; CONTROL_TOO_LARGE with too many items
 */
export function measureControl(name: ControlName, bytes: Uint8Array, maxItems: number): DecodedControl {
  const { depth, items } = scanJson(bytes, { maxDepth: MAX_CONTROL_DEPTH, maxItems });
  if (items > maxItems) throw new RexaError('CONTROL_TOO_LARGE', [maxItems, 'values and keys']);
  return { message: parseObject(name, bytes, depth), items };
}

/** Like `measureControl`, without the count. @param maxItems default: unlimited */
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

/** Reassembles fragmented control messages, at most one for each channel at a time. */
export interface ControlJoiner {
  /**
   * Handles a `more` frame of a message with at most `maxBytes` bytes.
   * @throws RexaError CONTROL_TOO_LARGE; REQUESTS_EXHAUSTED when the budget is used up; FRAME_MISPLACED when
   * more messages are incomplete than channels may be open
   */
  handlePiece(frame: Frame, maxBytes?: number): void;
  /** Returns the whole message, given its last frame. @throws as handlePiece */
  finish(frame: Frame, maxBytes?: number): Uint8Array;
  /** Discards the fragments of the channel's incomplete message. */
  discard(channel: ChannelId): void;
  /** Returns everything to the budget, at the end of the link. */
  release(): void;
}

/** @param budget limits the memory of incomplete messages */
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
      // Copied: a view would retain the whole read buffer.
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

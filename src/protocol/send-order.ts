import { type Frame, STREAM_FRAME_TYPE, STREAMS_PER_CHANNEL, type StreamNumber } from '../framing/frame.ts';
import type { Channel } from './channel.ts';
import { createFifo } from './fifo.ts';
import {
  INTERACTIVE_BURST_FRAMES,
  INTERACTIVE_QUEUE_BYTES,
  SHARED_DATA_FRAME_BYTES,
  SOLE_DATA_FRAME_BYTES,
} from './limits.ts';

/** A stream with data that may be sent now. */
interface Sendable {
  readonly channel: Channel;
  readonly stream: StreamNumber;
}

/** A control frame that is queued. */
interface QueuedControl {
  readonly kind: 'control' | 'credit' | 'answer';
  frame: Frame;
}

/** The next frame, and its stream if it has one. */
export interface Sent {
  readonly frame: Frame;
  readonly sentBy: Sendable | null;
}

/**
 * Schedules frames: control first, then streams with little queued data (a keystroke, a prompt), then bulk, round-robin.
 * A stream is in one of the two rotations exactly while it has data within its credit.
 */
export interface SendOrder {
  queueControl(frame: Frame): void;
  /** Queues the credit of a stream, in the place of what is queued of it: offsets only grow. */
  queueCredit(frame: Frame): void;
  /** Queues an answer to the peer: a pong or a close. */
  queueAnswer(frame: Frame): void;
  /** Reschedules a stream after a write, an end or new credit. */
  update(channel: Channel, stream: StreamNumber): void;
  remove(channel: Channel, stream: StreamNumber): void;
  /** @param dataAllowed false: control frames only */
  next(dataAllowed?: boolean): Sent | null;
  /** Memory of the queued answers. */
  readonly answerBytes: number;
  /** Memory of all queued control frames. */
  readonly controlBytes: number;
  readonly hasOutput: boolean;
}

export function createSendOrder(): SendOrder {
  const control = createFifo<QueuedControl>();
  /** Credit that is queued, by stream. */
  const credits = new Map<number, QueuedControl>();
  let answerBytes = 0;
  let controlBytes = 0;
  const interactive = new Map<number, Sendable>();
  const bulk = new Map<number, Sendable>();
  let burst = 0;

  function nextControl(): Frame | null {
    const next = control.shift();
    if (!next) return null;
    const bytes = memoryOf(next.frame);
    controlBytes -= bytes;
    if (next.kind === 'answer') answerBytes -= bytes;
    if (next.kind === 'credit') credits.delete(creditKey(next.frame));
    return next.frame;
  }

  function enqueue(kind: QueuedControl['kind'], frame: Frame): QueuedControl {
    const queued = { kind, frame };
    control.push(queued);
    controlBytes += memoryOf(frame);
    return queued;
  }

  function pickTurn(): Map<number, Sendable> | null {
    const fair = burst < INTERACTIVE_BURST_FRAMES || bulk.size === 0;
    if (interactive.size > 0 && fair) {
      burst++;
      return interactive;
    }
    burst = 0;
    return bulk.size > 0 ? bulk : null;
  }

  function remove(channel: Channel, stream: StreamNumber): void {
    const key = keyOf(channel, stream);
    if (!interactive.delete(key)) bulk.delete(key);
  }

  function update(channel: Channel, stream: StreamNumber): void {
    const queue = channel.sender(stream);
    const key = keyOf(channel, stream);
    if (queue.sendableBytes === 0 && !queue.isEndDue) return remove(channel, stream);
    const [turn, other] =
      queue.queuedBytes <= INTERACTIVE_QUEUE_BYTES ? [interactive, bulk] : [bulk, interactive];
    other.delete(key);
    if (!turn.has(key)) turn.set(key, { channel, stream });
  }

  function makeFrame({ channel, stream }: Sendable): Frame {
    const queue = channel.sender(stream);
    if (queue.isEndDue) {
      queue.takeEnd();
      return { type: STREAM_FRAME_TYPE.end + stream, channel: channel.id, payload: NO_BYTES };
    }
    const most = interactive.size + bulk.size > 1 ? SHARED_DATA_FRAME_BYTES : SOLE_DATA_FRAME_BYTES;
    return { type: STREAM_FRAME_TYPE.data + stream, channel: channel.id, payload: queue.take(most) };
  }

  return {
    queueControl: (frame) => void enqueue('control', frame),
    queueCredit(frame) {
      const key = creditKey(frame);
      const queued = credits.get(key);
      if (queued) queued.frame = frame;
      else credits.set(key, enqueue('credit', frame));
    },
    queueAnswer(frame) {
      enqueue('answer', frame);
      answerBytes += memoryOf(frame);
    },
    update,
    remove,
    next(dataAllowed = true) {
      const first = nextControl();
      if (first) return { frame: first, sentBy: null };
      if (!dataAllowed) return null;
      const turn = pickTurn();
      const sendable = turn?.values().next().value;
      if (!sendable) return null;
      const frame = makeFrame(sendable);
      // Removed and added again, so that its next turn is the last.
      remove(sendable.channel, sendable.stream);
      update(sendable.channel, sendable.stream);
      return { frame, sentBy: sendable };
    },
    get answerBytes() {
      return answerBytes;
    },
    get controlBytes() {
      return controlBytes;
    },
    get hasOutput() {
      return control.length > 0 || interactive.size > 0 || bulk.size > 0;
    },
  };
}

const NO_BYTES = new Uint8Array(0);
/** Approximate memory of a queued frame besides its payload. */
const QUEUED_FRAME_BYTES = 256;

function memoryOf(frame: Frame): number {
  return QUEUED_FRAME_BYTES + frame.payload.length;
}

function creditKey({ channel, type }: Frame): number {
  return channel * STREAMS_PER_CHANNEL + (type & 0x0f);
}

function keyOf(channel: Channel, stream: StreamNumber): number {
  return channel.id * STREAMS_PER_CHANNEL + stream;
}

import type { ChannelId, Frame, StreamNumber } from '../framing/frame.ts';
import type { Budget } from './budget.ts';
import type { ChannelState } from './channel-state.ts';
import { createReceiveWindow, type ReceiveWindow } from './credit.ts';
import { RexaError } from './errors.ts';
import type { RequestBudget } from './intake.ts';
import { STREAM_QUEUE_BYTES } from './limits.ts';
import { createSendQueue, type SendQueue } from './send-queue.ts';

/** The mux's data for one channel: its state, its pending close, and both directions of its streams. */
export interface Channel {
  readonly id: ChannelId;
  state: ChannelState;
  /** The close frames to send when every stream is drained. */
  lastWord: readonly Frame[] | null;
  /** Returns the send queue of a stream, created at its first use. */
  sender(stream: StreamNumber): SendQueue;
  receiver(stream: StreamNumber): ReceiveWindow;
  sendStreams(): Iterable<StreamNumber>;
  /** Another link decides on its credit. */
  isRelayed: boolean;
  /** Iterates over the credit of the peer, for each stream that has some. */
  limits(): Iterable<readonly [StreamNumber, offset: number]>;
  /** Iterates over the credit granted to the peer, for each stream with credit that has not ended. */
  grants(): Iterable<readonly [StreamNumber, offset: number]>;
  /** @throws RexaError CREDIT_OVERRUN, FRAME_MISPLACED (after the end) */
  receiveData(stream: StreamNumber, bytes: number): void;
  /** @throws RexaError FRAME_MISPLACED (a second end) */
  receiveEnd(stream: StreamNumber): void;
  hasEnded(stream: StreamNumber): boolean;
  isDrained(): boolean;
  /** Queued bytes of a stream above which its writer has to wait. */
  fullBytes: number;
  /** Returns true if the writer need not wait; otherwise registers it as waiting. */
  noteWaiting(stream: StreamNumber): boolean;
  /** Returns true once when a waiting writer may continue. */
  takeWaiting(stream: StreamNumber): boolean;
  discard(): void;
  /** Records the bytes that the request holds of this budget, and releases the amount recorded before. */
  hold(budget: RequestBudget, bytes: number): void;
  /** Returns the memory of windows and request to their budgets. */
  release(): void;
}

/** @param firstWindowBytes initial receive window; default: that of bulk streams */
export function createChannel(id: ChannelId, budget: Budget, firstWindowBytes?: number): Channel {
  const senders = new Map<StreamNumber, SendQueue>();
  const receivers = new Map<StreamNumber, ReceiveWindow>();
  const ended = new Set<StreamNumber>();
  const waiting = new Set<StreamNumber>();
  let held: { readonly budget: RequestBudget; readonly bytes: number } | null = null;

  function refuseAfterEnd(stream: StreamNumber, what: string): void {
    if (ended.has(stream))
      throw new RexaError('FRAME_MISPLACED', [what, `stream ${stream} of channel ${id} has ended`]);
  }

  function sender(stream: StreamNumber): SendQueue {
    const known = senders.get(stream);
    if (known) return known;
    const queue = createSendQueue();
    senders.set(stream, queue);
    return queue;
  }

  function receiver(stream: StreamNumber): ReceiveWindow {
    const known = receivers.get(stream);
    if (known) return known;
    const window = createReceiveWindow(budget, firstWindowBytes);
    receivers.set(stream, window);
    return window;
  }

  const channel: Channel = {
    id,
    state: 'open',
    fullBytes: STREAM_QUEUE_BYTES,
    lastWord: null,
    sender,
    receiver,
    sendStreams: () => senders.keys(),
    isRelayed: false,
    *limits() {
      for (const [stream, { limit }] of senders) if (limit > 0) yield [stream, limit];
    },
    *grants() {
      for (const [stream, { granted }] of receivers)
        if (granted > 0 && !ended.has(stream)) yield [stream, granted];
    },
    receiveData(stream, bytes) {
      refuseAfterEnd(stream, 'data');
      const window = receiver(stream);
      if (!window.receive(bytes)) {
        throw new RexaError('CREDIT_OVERRUN', [stream, id, window.received, window.granted]);
      }
    },
    receiveEnd(stream) {
      refuseAfterEnd(stream, 'end');
      ended.add(stream);
    },
    hasEnded: (stream) => ended.has(stream),
    isDrained: () => [...senders.values()].every((queue) => queue.isDrained),
    noteWaiting(stream) {
      if (sender(stream).queuedBytes < channel.fullBytes) return true;
      waiting.add(stream);
      return false;
    },
    takeWaiting: (stream) => sender(stream).queuedBytes < channel.fullBytes && waiting.delete(stream),
    discard() {
      for (const queue of senders.values()) queue.discard();
    },
    hold(requests, bytes) {
      held?.budget.giveBack(held.bytes);
      held = { budget: requests, bytes };
    },
    release() {
      if (held) channel.hold(held.budget, 0);
      for (const window of receivers.values()) window.release();
    },
  };
  return channel;
}

import type { ChannelId, Frame, StreamNumber } from '../framing/frame.ts';
import type { Budget } from './budget.ts';
import type { ChannelState } from './channel-state.ts';
import { createReceiveWindow, type ReceiveWindow } from './credit.ts';
import { RexaError } from './errors.ts';
import type { RequestBudget } from './intake.ts';
import { STREAM_QUEUE_BYTES } from './limits.ts';
import { createSendQueue, type SendQueue } from './send-queue.ts';

/** What the mux keeps of one channel: its state, its last word while that waits, and both halves of its streams. */
export interface Channel {
  readonly id: ChannelId;
  state: ChannelState;
  /** The close to send once every stream is drained. */
  lastWord: readonly Frame[] | null;
  /** The sending half of a stream, made at its first use. */
  sender(stream: StreamNumber): SendQueue;
  receiver(stream: StreamNumber): ReceiveWindow;
  sendStreams(): Iterable<StreamNumber>;
  /** What the peer may send up to, of each stream that it has credit for and that has not ended. */
  grants(): Iterable<readonly [StreamNumber, offset: number]>;
  /** @throws RexaError CREDIT_OVERRUN, FRAME_MISPLACED (after the end) */
  receiveData(stream: StreamNumber, bytes: number): void;
  /** @throws RexaError FRAME_MISPLACED (a second end) */
  receiveEnd(stream: StreamNumber): void;
  hasEnded(stream: StreamNumber): boolean;
  isDrained(): boolean;
  /** What of a stream may be queued before its writer has to wait. */
  fullBytes: number;
  /** Remembers that a writer waits if `fullBytes` are queued; true when it need not wait. */
  noteWaiting(stream: StreamNumber): boolean;
  /** True once, when a writer that waited may go on. */
  takeWaiting(stream: StreamNumber): boolean;
  discard(): void;
  /** Notes that its request has taken so many bytes of this budget, in the place of what was noted before. */
  hold(budget: RequestBudget, bytes: number): void;
  /** Gives windows and request back to their budgets. */
  release(): void;
}

/** @param firstWindowBytes of what is received; default: as for bulk */
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

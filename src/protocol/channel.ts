import type { ChannelId, Frame, StreamNumber } from '../framing/frame.ts';
import type { Budget } from './budget.ts';
import type { ChannelState } from './channel-state.ts';
import { createReceiveWindow, type ReceiveWindow } from './credit.ts';
import { RexaError } from './errors.ts';
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
  /** Remembers that a writer waits if more than `fullBytes` are queued; true when it need not wait. */
  noteWaiting(stream: StreamNumber, fullBytes: number): boolean;
  /** True once, when a writer that waited may go on. */
  takeWaiting(stream: StreamNumber, fullBytes: number): boolean;
  discard(): void;
  /** Gives the windows back to their budget. */
  release(): void;
}

export function createChannel(id: ChannelId, budget: Budget): Channel {
  const senders = new Map<StreamNumber, SendQueue>();
  const receivers = new Map<StreamNumber, ReceiveWindow>();
  const ended = new Set<StreamNumber>();
  const waiting = new Set<StreamNumber>();

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
    const window = createReceiveWindow(budget);
    receivers.set(stream, window);
    return window;
  }

  return {
    id,
    state: 'open',
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
    noteWaiting(stream, fullBytes) {
      if (sender(stream).queuedBytes < fullBytes) return true;
      waiting.add(stream);
      return false;
    },
    takeWaiting: (stream, fullBytes) => sender(stream).queuedBytes < fullBytes && waiting.delete(stream),
    discard() {
      for (const queue of senders.values()) queue.discard();
    },
    release() {
      for (const window of receivers.values()) window.release();
    },
  };
}

import { createByteQueue } from './byte-queue.ts';

/** The sending half of a stream: bytes in the order they were written, held until the peer's credit lets them go. */
export interface SendQueue {
  readonly queuedBytes: number;
  /** Bytes that may be sent now. */
  readonly sendableBytes: number;
  /** True when nothing is left to send: no byte, no end. */
  readonly isDrained: boolean;
  /** The end is queued and every byte before it has been taken: the end may go. */
  readonly isEndDue: boolean;
  /** Ignored after `end`. */
  write(bytes: Uint8Array): void;
  end(): void;
  /** Up to `maxBytes` of what may be sent; empty when nothing may. */
  take(maxBytes: number): Uint8Array;
  /** Marks the end as sent. */
  takeEnd(): void;
  /** The peer's credit: a smaller offset than before is ignored. */
  raiseLimit(offset: number): void;
  discard(): void;
}

/**
 * | state  | on              | next   |
 * |--------|-----------------|--------|
 * | open   | end             | ending |
 * | ending | the end is sent | ended  |
 * | any    | discard         | ended  |
 */
type SendState = 'open' | 'ending' | 'ended';

const NO_BYTES = new Uint8Array(0);

export function createSendQueue(): SendQueue {
  const bytesQueued = createByteQueue();
  /** Of the next byte to send, since the stream began. */
  let offset = 0;
  /** What may be sent up to. */
  let limit = 0;
  let state: SendState = 'open';

  return {
    get queuedBytes() {
      return bytesQueued.length;
    },
    get sendableBytes() {
      return Math.min(bytesQueued.length, limit - offset);
    },
    get isDrained() {
      return bytesQueued.length === 0 && state !== 'ending';
    },
    get isEndDue() {
      return bytesQueued.length === 0 && state === 'ending';
    },
    write(bytes) {
      if (state === 'open') bytesQueued.push(bytes);
    },
    end() {
      if (state === 'open') state = 'ending';
    },
    take(maxBytes) {
      const most = Math.min(maxBytes, limit - offset);
      const bytes = most > 0 ? (bytesQueued.take(most) ?? NO_BYTES) : NO_BYTES;
      offset += bytes.length;
      return bytes;
    },
    takeEnd() {
      state = 'ended';
    },
    raiseLimit(newLimit) {
      if (newLimit > limit) limit = newLimit;
    },
    discard() {
      bytesQueued.clear();
      state = 'ended';
    },
  };
}

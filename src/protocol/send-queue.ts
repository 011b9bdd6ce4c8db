import { createByteQueue } from './byte-queue.ts';

/** The send queue of a stream: bytes in the order written, held until the peer grants credit. */
export interface SendQueue {
  readonly queuedBytes: number;
  /** Bytes that may be sent now. */
  readonly sendableBytes: number;
  /** True if nothing is left to send, neither bytes nor an end. */
  readonly isDrained: boolean;
  /** True if the end is queued and every byte before it was taken, so that the end may be sent. */
  readonly isEndDue: boolean;
  /** Ignored after `end`. */
  write(bytes: Uint8Array): void;
  end(): void;
  /** Removes and returns up to `maxBytes` that may be sent; empty if none may. */
  take(maxBytes: number): Uint8Array;
  /** Marks the end as sent. */
  takeEnd(): void;
  /** Sets the peer's credit; a smaller offset than before is ignored. */
  raiseLimit(offset: number): void;
  /** The peer's credit. */
  readonly limit: number;
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
  /** Offset of the next byte to send, from the start of the stream. */
  let offset = 0;
  /** The credit: the offset up to which data may be sent. */
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
    get limit() {
      return limit;
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

/** The sending half of a stream: bytes in the order they were written, held until the peer's credit lets them go. */
export interface SendQueue {
  readonly queuedBytes: number;
  /** Bytes that may be sent now. */
  readonly sendableBytes: number;
  /** True when nothing is left to send: no byte, no end. */
  readonly isDrained: boolean;
  /** The end is queued and every byte before it has been taken: the end may go. */
  readonly isEndDue: boolean;
  /** The offset of the next byte to send. */
  readonly offset: number;
  readonly state: SendState;
  write(bytes: Uint8Array): void;
  end(): void;
  /** Up to `maxBytes` of what may be sent: views of what was written, one after the other. */
  take(maxBytes: number): Uint8Array;
  /** Marks the end as sent. */
  takeEnd(): void;
  /** The peer's credit: false when it is no count of bytes. */
  raiseLimit(offset: number): void;
  discard(): void;
}

/**
 * | state   | on    | next    |
 * |---------|-------|---------|
 * | open    | end   | ending  |
 * | ending  | the end is sent | ended |
 */
export type SendState = 'open' | 'ending' | 'ended';

export function createSendQueue(): SendQueue {
  let chunks: Uint8Array[] = [];
  /** Taken chunks are passed over by index: shifting a long array costs its length. */
  let head = 0;
  let queuedBytes = 0;
  let offset = 0;
  let limit = 0;
  let state: SendState = 'open';

  function dropHead(): void {
    head++;
    if (head === chunks.length) {
      chunks = [];
      head = 0;
    }
  }

  return {
    get queuedBytes() {
      return queuedBytes;
    },
    get sendableBytes() {
      return Math.min(queuedBytes, limit - offset);
    },
    get isDrained() {
      return queuedBytes === 0 && state !== 'ending';
    },
    get isEndDue() {
      return queuedBytes === 0 && state === 'ending';
    },
    get offset() {
      return offset;
    },
    get state() {
      return state;
    },
    write(bytes) {
      if (bytes.length === 0 || state !== 'open') return;
      chunks.push(bytes);
      queuedBytes += bytes.length;
    },
    end() {
      if (state === 'open') state = 'ending';
    },
    take(maxBytes) {
      const chunk = chunks[head] as Uint8Array;
      const size = Math.min(maxBytes, limit - offset, chunk.length);
      offset += size;
      queuedBytes -= size;
      if (size === chunk.length) {
        dropHead();
        return chunk;
      }
      chunks[head] = chunk.subarray(size);
      return chunk.subarray(0, size);
    },
    takeEnd() {
      state = 'ended';
    },
    raiseLimit(newLimit) {
      if (newLimit > limit) limit = newLimit;
    },
    discard() {
      chunks = [];
      head = 0;
      queuedBytes = 0;
      state = 'ended';
    },
  };
}

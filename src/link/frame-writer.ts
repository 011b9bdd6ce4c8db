import type { PayloadHolder } from '../protocol/kept-frames.ts';
import type { Transport } from './transport.ts';

/** Up to this, a payload is copied: a part of one larger chunk is cheaper than a chunk of its own, in time and memory. */
const SMALL_PAYLOAD_BYTES = 2048;
/** So much of small frames and headers is put together before it becomes a chunk. */
const BATCH_BYTES = 16 * 1024;

/** Makes chunks of frames, and hands them to a transport: small ones together, large payloads without copying them. */
export interface FrameWriter {
  write(output: readonly [header: Uint8Array, payload: Uint8Array]): void;
  /** Bytes that the transport has not been handed yet. */
  readonly pendingBytes: number;
  /** Hands the transport what was put together. */
  flush(): void;
}

/** @param holder told of each payload that is held until the transport has released it */
export function createFrameWriter(transport: Pick<Transport, 'write'>, holder?: PayloadHolder): FrameWriter {
  let chunks: Uint8Array[] = [];
  let pendingBytes = 0;
  let batch: Uint8Array[] = [];
  let batchBytes = 0;
  /** Payloads in the batch, which are held until they are copied. */
  let copied: Uint8Array[] = [];
  /** Payloads among the chunks, which are held until the transport has released them. */
  let passed: Uint8Array[] = [];

  function add(part: Uint8Array): void {
    batch.push(part);
    batchBytes += part.length;
  }

  function closeBatch(): void {
    if (batchBytes === 0) return;
    chunks.push(Buffer.concat(batch, batchBytes));
    for (const payload of copied) holder?.letGo(payload);
    copied = [];
    batch = [];
    batchBytes = 0;
  }

  function hold(payload: Uint8Array, among: Uint8Array[]): void {
    if (!holder) return;
    holder.hold(payload);
    among.push(payload);
  }

  return {
    write([header, payload]) {
      pendingBytes += header.length + payload.length;
      add(header);
      if (payload.length <= SMALL_PAYLOAD_BYTES) {
        add(payload);
        hold(payload, copied);
        if (batchBytes >= BATCH_BYTES) closeBatch();
        return;
      }
      closeBatch();
      chunks.push(payload);
      hold(payload, passed);
    },
    get pendingBytes() {
      return pendingBytes;
    },
    flush() {
      closeBatch();
      if (chunks.length === 0) return;
      const [written, released] = [chunks, passed];
      chunks = [];
      passed = [];
      pendingBytes = 0;
      const letGo = (): void => {
        for (const payload of released) holder?.letGo(payload);
      };
      transport.write(written, released.length > 0 ? letGo : undefined);
    },
  };
}

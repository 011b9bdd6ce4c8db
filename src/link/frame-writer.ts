import type { Socket } from 'node:net';
import type { PayloadHolder } from '../protocol/kept-frames.ts';

/** Up to this, a payload is copied: a part of one larger write is cheaper than a write of its own, in time and memory. */
const SMALL_PAYLOAD_BYTES = 2048;
/** So much of small frames and headers is put together before it is written. */
const BATCH_BYTES = 16 * 1024;

/** Writes frames to a socket: small ones together, large payloads without copying them. */
export interface FrameWriter {
  write(output: readonly [header: Uint8Array, payload: Uint8Array]): void;
  /** Hands the socket what was put together. */
  flush(): void;
}

/** @param holder told of each payload that is held until the system has taken it */
export function createFrameWriter(socket: Socket, holder?: PayloadHolder): FrameWriter {
  let batch: Uint8Array[] = [];
  let batchBytes = 0;
  /** The payloads among them. */
  let held: Uint8Array[] = [];

  function flush(): void {
    if (batchBytes === 0) return;
    socket.write(Buffer.concat(batch, batchBytes));
    for (const payload of held) holder?.letGo(payload);
    held = [];
    batch = [];
    batchBytes = 0;
  }

  function add(part: Uint8Array): void {
    batch.push(part);
    batchBytes += part.length;
  }

  return {
    write([header, payload]) {
      add(header);
      if (payload.length <= SMALL_PAYLOAD_BYTES) {
        add(payload);
        if (holder) {
          holder.hold(payload);
          held.push(payload);
        }
        if (batchBytes >= BATCH_BYTES) flush();
        return;
      }
      flush();
      if (!holder) return void socket.write(payload);
      holder.hold(payload);
      socket.write(payload, () => holder.letGo(payload));
    },
    flush,
  };
}

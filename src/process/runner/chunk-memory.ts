import { noteRead } from '../../runtime/read-garbage.ts';
import { PIPE_READ_BYTES } from '../limits.ts';

/** Slabs kept for the next reads: enough for a few streams at full speed. */
const KEPT_SLABS = 16;

const free: Buffer[] = [];
/** How many bytes of each slab are still somebody's. */
const lent = new WeakMap<ArrayBufferLike, number>();

/**
 * Copies what was read into memory of its own. A large chunk gets a slab that was recycled, if there is one, since
 * pages that the kernel must first clear cost more than the copy; a small one gets just as much as it needs.
 */
export function keepChunk(bytes: Uint8Array): Buffer {
  if (bytes.length <= PIPE_READ_BYTES / 2) {
    noteRead(bytes.length);
    const chunk = Buffer.allocUnsafeSlow(bytes.length);
    chunk.set(bytes);
    return chunk;
  }
  const slab = free.pop() ?? Buffer.allocUnsafeSlow(PIPE_READ_BYTES);
  lent.set(slab.buffer, bytes.length);
  slab.set(bytes);
  return slab.length === bytes.length ? slab : slab.subarray(0, bytes.length);
}

/**
 * Gives bytes of stdout or stderr back, whole chunks or parts of them, in any order: when all of a slab are back, it
 * serves the next read. Optional: it saves a third of the time of bulk output, and garbage that grows the process. Only
 * for who owns the bytes alone and has done with them, whatever they were written to included; they change from then
 * on. Memory that is not from here is left alone.
 */
export function recycleBytes(bytes: Uint8Array): void {
  const leftBytes = lent.get(bytes.buffer);
  if (leftBytes === undefined) return;
  if (leftBytes > bytes.length) return void lent.set(bytes.buffer, leftBytes - bytes.length);
  lent.delete(bytes.buffer);
  if (free.length < KEPT_SLABS) free.push(Buffer.from(bytes.buffer));
}

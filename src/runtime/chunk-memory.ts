import { SLAB_BYTES } from './limits.ts';
import { noteRead } from './read-garbage.ts';

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
  if (bytes.length <= SLAB_BYTES / 2) {
    noteRead(bytes.length);
    const chunk = Buffer.allocUnsafeSlow(bytes.length);
    chunk.set(bytes);
    return chunk;
  }
  const slab = takeSlab();
  slab.set(bytes);
  if (slab.length === bytes.length) return slab;
  recycleBytes(slab.subarray(bytes.length));
  return slab.subarray(0, bytes.length);
}

/** Lends a slab, which was recycled if there is one. Who fills only a part of it gives the rest back. */
export function takeSlab(): Buffer {
  const slab = free.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
  lent.set(slab.buffer, slab.length);
  return slab;
}

/**
 * Gives bytes of a slab back, whole chunks or parts of them, in any order: when all of a slab are back, it
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

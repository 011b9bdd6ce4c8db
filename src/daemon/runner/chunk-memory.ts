import { PIPE_READ_BYTES } from '../../protocol/limits.ts';

/** Slabs kept for the next reads: enough for a few streams at full speed. */
const KEPT_SLABS = 16;

const free: Buffer[] = [];
const lent = new WeakSet<ArrayBufferLike>();

/**
 * Copies what was read into memory of its own. A large chunk gets a slab that was recycled, if there is one, since
 * pages that the kernel must first clear cost more than the copy; a small one gets just as much as it needs.
 */
export function keepChunk(bytes: Uint8Array): Buffer {
  if (bytes.length <= PIPE_READ_BYTES / 2) {
    const chunk = Buffer.allocUnsafeSlow(bytes.length);
    chunk.set(bytes);
    return chunk;
  }
  const slab = free.pop() ?? Buffer.allocUnsafeSlow(PIPE_READ_BYTES);
  lent.add(slab.buffer);
  slab.set(bytes);
  return slab.length === bytes.length ? slab : slab.subarray(0, bytes.length);
}

/**
 * Gives the memory of a chunk of stdout or stderr back for the next one. Optional: it saves a third of the time of
 * bulk output. Only for who owns the chunk alone and has done with its bytes, whatever they were written to
 * included; they change from then on. Memory that is not from here, or was given back before, is left alone.
 */
export function recycleChunk(chunk: Uint8Array): void {
  if (!lent.delete(chunk.buffer) || free.length >= KEPT_SLABS) return;
  free.push(Buffer.from(chunk.buffer));
}

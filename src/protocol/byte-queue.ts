import { createFifo } from './fifo.ts';

/** A FIFO of bytes: large chunks are kept as they are, small ones are copied and joined. */
export interface ByteQueue {
  readonly length: number;
  /** Takes ownership of `bytes`: the caller must not modify them afterwards. */
  push(bytes: Uint8Array): void;
  /** Removes and returns the oldest bytes, at most `maxBytes`; undefined if the queue is empty. */
  take(maxBytes: number): Uint8Array | undefined;
  clear(): void;
}

/**
 * Chunks up to this size are copied, into the preceding slab if possible. A small view would retain the whole read buffer
 * that it belongs to, and a peer that writes single bytes would make the queue use a hundred times the memory it accounts for.
 */
const SMALL_PIECE_BYTES = 4096;
/** Size of the buffers into which small chunks are copied. */
const SLAB_BYTES = 16_384;

export function createByteQueue(): ByteQueue {
  const pieces = createFifo<Uint8Array>();
  /** The buffer of the newest chunk, if further chunks can be appended to it. */
  let slab: Uint8Array | null = null;
  let length = 0;

  function startSlab(first: Uint8Array): Uint8Array {
    slab = new Uint8Array(SLAB_BYTES);
    slab.set(first);
    return slab.subarray(0, first.length);
  }

  /** Appends small `bytes` to the newest chunk if that is a slab or small itself; returns false if not possible. */
  function join(last: Uint8Array, bytes: Uint8Array): boolean {
    const isSlab = last.buffer === slab?.buffer;
    if (bytes.length > SMALL_PIECE_BYTES || (!isSlab && last.length > SMALL_PIECE_BYTES)) return false;
    const piece = isSlab ? last : startSlab(last);
    const end = piece.byteOffset + piece.length;
    if (slab === null || end + bytes.length > SLAB_BYTES) return false;
    slab.set(bytes, end);
    pieces.replaceLast(slab.subarray(piece.byteOffset, end + bytes.length));
    return true;
  }

  return {
    get length() {
      return length;
    },
    push(bytes) {
      if (bytes.length === 0) return;
      length += bytes.length;
      const { last } = pieces;
      if (last !== undefined && join(last, bytes)) return;
      // The constructor copies any kind of view; `slice` of a Node Buffer does not.
      pieces.push(bytes.length > SMALL_PIECE_BYTES ? bytes : new Uint8Array(bytes));
    },
    take(maxBytes) {
      const piece = pieces.first;
      if (piece === undefined) return undefined;
      if (piece.length <= maxBytes) pieces.shift();
      else pieces.replaceFirst(piece.subarray(maxBytes));
      const taken = piece.length <= maxBytes ? piece : piece.subarray(0, maxBytes);
      length -= taken.length;
      if (length === 0) slab = null;
      return taken;
    },
    clear() {
      pieces.clear();
      slab = null;
      length = 0;
    },
  };
}

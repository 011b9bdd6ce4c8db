import { createFifo } from './fifo.ts';

/** Bytes in the order they came: large pieces as they are, small ones copied and put together. */
export interface ByteQueue {
  readonly length: number;
  /** Keeps `bytes`: their owner never writes to them again. */
  push(bytes: Uint8Array): void;
  /** The oldest bytes, at most `maxBytes` of them. Undefined when there are none. */
  take(maxBytes: number): Uint8Array | undefined;
  clear(): void;
}

/**
 * Up to this a piece is copied, behind its neighbour if it has one: a small view would keep the whole read buffer that it
 * was cut from, and somebody who writes byte by byte would make a queue of a hundred times the memory that it counts.
 */
const SMALL_PIECE_BYTES = 4096;
/** What small pieces are put together in. */
const SLAB_BYTES = 16_384;

export function createByteQueue(): ByteQueue {
  const pieces = createFifo<Uint8Array>();
  /** The memory of the newest piece, when that is one that others are put behind. */
  let slab: Uint8Array | null = null;
  let length = 0;

  function startSlab(first: Uint8Array): Uint8Array {
    slab = new Uint8Array(SLAB_BYTES);
    slab.set(first);
    return slab.subarray(0, first.length);
  }

  /** Puts small `bytes` behind the newest piece if that is a slab or small as well; false where that can't be. */
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
      // `new` copies, whatever kind of view it is: Node's own has a `slice` that does not.
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

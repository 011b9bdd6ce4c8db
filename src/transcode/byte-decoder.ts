/**
 * Bytes of one encoding to UTF-8 bytes, for one stream, wherever it is cut. Sans-IO: what is ready is returned.
 */
export interface ByteDecoder {
  /**
   * The characters that are whole now. Where nothing has to change the bytes given are returned themselves, not a
   * copy: whoever reuses a buffer copies first.
   */
  write(bytes: Uint8Array): Uint8Array;
  /** What the end leaves incomplete, as U+FFFD. */
  end(): Uint8Array;
  /** Bytes that wait for the rest of their character. */
  pendingBytes(): number;
  /** How many U+FFFD were written for what could not be mapped; those that stood in the input are not counted. */
  replaced(): number;
}

/** A decoder that holds bytes back until it is decided what they mean. */
export interface HoldingDecoder extends ByteDecoder {
  /** How many bytes are held for that reason. */
  heldBytes(): number;
  /** Decides by what there is, and gives what was held. */
  settle(): Uint8Array;
}

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Gives every byte back as it came. */
export function createPassingDecoder(): ByteDecoder {
  return { write: (bytes) => bytes, end: () => NO_BYTES, pendingBytes: () => 0, replaced: () => 0 };
}

/** One after the other; the second itself where the first is empty. */
export function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  return second.length === 0 ? first : Buffer.concat([first, second]);
}

/** A copy of its own where most of the memory behind the bytes is unused, so that a queue does not hold that too. */
export function trimBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length * 2 < bytes.buffer.byteLength ? Buffer.from(bytes) : bytes;
}

/** A copy, for what is kept beyond a call: a Buffer's own `slice` is none. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

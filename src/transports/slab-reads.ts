import type { OnReadOpts } from 'node:net';

/** What reads share: so much memory is made at once. */
const SLAB_BYTES = 256 * 1024;
/** The least that one read gets: what is left of a slab below that is not used. */
const LEAST_READ_BYTES = 128 * 1024;

/**
 * Reads of a socket, one behind the other into slabs, so that a frame that straddles two reads still lies in one piece.
 * Each piece has memory of its own, which nobody writes to again.
 */
export function readIntoSlabs(handle: (bytes: Buffer) => void): OnReadOpts {
  let slab = Buffer.alloc(0);
  let used = 0;
  return {
    buffer() {
      if (slab.length - used < LEAST_READ_BYTES) {
        slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
        used = 0;
      }
      return slab.subarray(used);
    },
    callback(length) {
      const start = used;
      used += length;
      handle(slab.subarray(start, used));
      return true;
    },
  };
}

import { randomInt } from 'node:crypto';

/** Finds a marker in a stream of bytes, and takes it out. */
export interface MarkerScanner {
  /** @returns what may be given on, and whether the marker stood behind it: then nothing more is looked at */
  take(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly isFound: boolean };
}

const EDGE = 0x1f;
/** randomInt takes no larger range. */
const RANGE = 2 ** 47;

/** Bytes that no output has by chance, and that no mode of a terminal changes on their way: digits between two edges. */
export function makeMarker(): Buffer {
  const digits = [randomInt(RANGE), randomInt(RANGE)].map((part) => String(part).padStart(15, '0'));
  return Buffer.from(`\x1f${digits.join('')}\x1f`);
}

/** Looks for `marker`, wherever the chunks are cut. */
export function createMarkerScanner(marker: Buffer): MarkerScanner {
  let held = Buffer.alloc(0);
  return {
    take(bytes) {
      const all = held.length === 0 ? Buffer.from(bytes) : Buffer.concat([held, bytes]);
      const at = all.indexOf(marker);
      if (at !== -1) return { bytes: all.subarray(0, at), isFound: true };
      const edge = all.lastIndexOf(EDGE);
      const isBegun = edge !== -1 && marker.subarray(0, all.length - edge).equals(all.subarray(edge));
      held = isBegun ? all.subarray(edge) : Buffer.alloc(0);
      return { bytes: isBegun ? all.subarray(0, edge) : all, isFound: false };
    },
  };
}

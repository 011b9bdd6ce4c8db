import type { PayloadHolder } from '../protocol/kept-frames.ts';
import { recycleBytes } from '../runtime/chunk-memory.ts';

/**
 * Gives memory back for further use once nobody holds it any more: no socket that writes it, and no link that keeps it for
 * a peer that has not acknowledged it. A peer that acknowledges what the system has not even sent can't get at it then.
 */
export function createPayloadHolders(giveBack: (payload: Uint8Array) => void): PayloadHolder {
  const holders = new Map<Uint8Array, number>();
  return {
    hold(payload) {
      holders.set(payload, (holders.get(payload) ?? 0) + 1);
    },
    letGo(payload) {
      const left = (holders.get(payload) ?? 0) - 1;
      if (left > 0) return void holders.set(payload, left);
      holders.delete(payload);
      giveBack(payload);
    },
  };
}

/** Of all links of this process. */
export const SLAB_HOLDER = createPayloadHolders(recycleBytes);

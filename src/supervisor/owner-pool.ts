import { createFairPool } from '../protocol/fair-pool.ts';
import { OWNER_RESERVE_SHARE } from '../protocol/limits.ts';

/** So many things at once, one taken at a time, shared fairly by the owners of jobs. */
export interface OwnerPool {
  /** What gives it back, once; null when this owner has as many as it may. */
  take(owner: string): (() => void) | null;
  heldBy(owner: string): number;
}

/** How the daemon names its own user, who comes over its Unix socket. */
const USER_PREFIX = 'uid:';

export function createOwnerPool(total: number, most: number): OwnerPool {
  const pool = createFairPool(total, Math.floor(total / OWNER_RESERVE_SHARE));
  return {
    heldBy: pool.heldBy,
    take(owner) {
      const isPrivileged = owner.startsWith(USER_PREFIX);
      return pool.take({ owner, isPrivileged }, 1, most) ? () => pool.giveBack(owner, 1) : null;
    },
  };
}

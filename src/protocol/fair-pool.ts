/** A user of a shared resource. */
export interface Claimant {
  /** Identifies the principal. */
  readonly owner: string;
  /** May use the reserve, and everything that the others leave. */
  readonly isPrivileged: boolean;
}

/** A resource shared fairly among principals: none can exhaust what the others need. */
export interface FairPool {
  /**
   * Takes all of `amount`, or nothing.
   * @param most the limit of this claimant, even if more is free
   */
  take(claimant: Claimant, amount: number, most: number): boolean;
  /** Returns whether `take` would succeed now. */
  mayTake(claimant: Claimant, amount: number, most: number): boolean;
  giveBack(owner: string, amount: number): void;
  heldBy(owner: string): number;
  readonly total: number;
}

/**
 * Creates a pool of which a claimant may hold half of what the others leave, excluding the reserve. The first claimant gets
 * at most half of everything, and something is left for the next one.
 * @param reserve the part for privileged claimants only
 */
export function createFairPool(total: number, reserve = 0): FairPool {
  const held = new Map<string, number>();
  let taken = 0;

  const heldBy = (owner: string): number => held.get(owner) ?? 0;

  function shareOf({ owner, isPrivileged }: Claimant): number {
    const left = total - (taken - heldBy(owner));
    return isPrivileged ? left : Math.floor((left - reserve) / 2);
  }

  function add(owner: string, amount: number): void {
    const now = heldBy(owner) + amount;
    taken += amount;
    if (now === 0) held.delete(owner);
    else held.set(owner, now);
  }

  const mayTake = (claimant: Claimant, amount: number, most: number): boolean =>
    heldBy(claimant.owner) + amount <= Math.min(most, shareOf(claimant));

  return {
    total,
    heldBy,
    mayTake,
    take(claimant, amount, most) {
      if (!mayTake(claimant, amount, most)) return false;
      add(claimant.owner, amount);
      return true;
    },
    giveBack: (owner, amount) => add(owner, -amount),
  };
}

/** Somebody who takes of what many share. */
export interface Claimant {
  /** What is taken under the same name is taken by the same principal. */
  readonly owner: string;
  /** The reserve is for this one, and all that others leave. */
  readonly isPrivileged: boolean;
}

/** A number of things shared by principals, of which no one can take what the others need. */
export interface FairPool {
  /**
   * Takes all of `amount`, or nothing.
   * @param most what this claimant may hold at once, however much is free
   */
  take(claimant: Claimant, amount: number, most: number): boolean;
  /** Whether `take` would take it now. */
  mayTake(claimant: Claimant, amount: number, most: number): boolean;
  giveBack(owner: string, amount: number): void;
  heldBy(owner: string): number;
  readonly total: number;
}

/**
 * A claimant may hold half of what all others leave, beside the reserve: whoever comes first has half of everything at most,
 * and something is left for whoever comes next.
 * @param reserve what only privileged claimants get
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

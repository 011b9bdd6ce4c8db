/** A number of bytes shared by several takers: what one has taken, the others can't. */
export interface Budget {
  /** Takes all of `bytes` from this budget and those above it, or nothing. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
  readonly freeBytes: number;
  /** What all takers may have together. */
  readonly totalBytes: number;
}

/** @param parent a wider budget that this one is a part of */
export function createBudget(totalBytes: number, parent?: Budget): Budget {
  let free = totalBytes;
  return {
    take(bytes) {
      if (bytes > free || (parent && !parent.take(bytes))) return false;
      free -= bytes;
      return true;
    },
    giveBack(bytes) {
      free += bytes;
      parent?.giveBack(bytes);
    },
    get freeBytes() {
      return free;
    },
    totalBytes,
  };
}

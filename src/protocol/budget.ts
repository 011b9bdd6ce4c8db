/** A number of bytes that several users share. */
export interface Budget {
  /** Takes all of `bytes` from this budget and its parents, or nothing. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
  readonly freeBytes: number;
  /** The limit for all users together. */
  readonly totalBytes: number;
}

/** @param parent a larger budget that also has to grant each allocation */
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

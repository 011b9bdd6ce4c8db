/** Counts the users of something that is kept for them. */
export interface UseCount {
  /** Adds users, or removes them if negative. */
  add(users: number): void;
  /** Resolves when nobody has used it for so long, from now on at the earliest. Infinity: only after `expire`. */
  whenUnusedFor(ms: number): Promise<void>;
  /** It is not kept for further users: the end of its use is enough for everybody who waits, now and later. */
  expire(): void;
}

interface Waiting {
  readonly ms: number;
  readonly resolve: () => void;
  timer: NodeJS.Timeout | null;
}

/** Creates a count without users. */
export function createUseCount(): UseCount {
  let count = 0;
  let isExpired = false;
  const waiting = new Set<Waiting>();

  function arm(each: Waiting): void {
    if (each.timer !== null) clearTimeout(each.timer);
    const ms = isExpired ? 0 : each.ms;
    each.timer = count > 0 || ms === Number.POSITIVE_INFINITY ? null : setTimeout(each.resolve, ms);
  }

  function armAll(): void {
    for (const each of waiting) arm(each);
  }

  return {
    add(users) {
      count += users;
      armAll();
    },
    async whenUnusedFor(ms) {
      if (count === 0 && (ms === 0 || isExpired)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const each: Waiting = { ms, resolve, timer: null };
      waiting.add(each);
      arm(each);
      await promise;
      waiting.delete(each);
    },
    expire() {
      isExpired = true;
      armAll();
    },
  };
}

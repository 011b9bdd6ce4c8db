import type { Principal } from '../../auth/principal.ts';

/** Looks at the screens of sessions that nobody attaches to. */
export interface Looks {
  /**
   * Takes a look when those that the same connection asked for before are over.
   * @param look reads the screen
   * @throws what `look` throws
   */
  take<T>(principal: Principal, name: string, look: () => Promise<T>): Promise<T>;
}

/** What one connection has looked at. */
interface Looker {
  readonly seen: Set<string>;
  /** Never rejects. */
  last: Promise<unknown>;
}

/**
 * Creates the order of looks.
 * @param handleFirst told of the first look of each connection at each session, before its client gets the screen
 */
export function createLooks(handleFirst: (principal: Principal, name: string) => void): Looks {
  /** A login makes a principal of its own for each connection. */
  const lookers = new WeakMap<Principal, Looker>();

  function lookerOf(principal: Principal): Looker {
    const looker = lookers.get(principal) ?? { seen: new Set<string>(), last: Promise.resolve() };
    lookers.set(principal, looker);
    return looker;
  }

  return {
    async take(principal, name, look) {
      const looker = lookerOf(principal);
      const screen = looker.last.then(look);
      looker.last = screen.catch(() => undefined);
      const seen = await screen;
      if (!looker.seen.has(name)) handleFirst(principal, name);
      looker.seen.add(name);
      return seen;
    },
  };
}

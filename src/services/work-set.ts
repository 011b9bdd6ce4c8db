import type { Work } from './service.ts';

/** What a service has under way, one item each. */
export interface WorkSet<Item> {
  add(item: Item): void;
  delete(item: Item): void;
  /** The items as the work of a daemon: a drain waits for them, and ends those that are left. */
  readonly work: Work;
}

/** Creates an empty set. @param end ends one item, which is deleted then @param stopTaking as of `Work` */
export function createWorkSet<Item>(end: (item: Item) => void, stopTaking?: () => void): WorkSet<Item> {
  const items = new Set<Item>();
  const waiting = new Set<() => void>();
  const endAll = (): void => {
    for (const item of items) end(item);
  };
  return {
    add: (item) => void items.add(item),
    delete(item) {
      items.delete(item);
      if (items.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
    work: {
      get count() {
        return items.size;
      },
      get isBusy() {
        return items.size > 0;
      },
      ...(stopTaking === undefined ? {} : { stopTaking }),
      cancelAll() {
        endAll();
        return Promise.resolve();
      },
      killAll: endAll,
      whenIdle: () => (items.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
    },
  };
}

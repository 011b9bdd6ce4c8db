import { createFifo } from '../protocol/fifo.ts';

/** A queue whose reader waits: what a lower floor has to tell is asked for, not announced. */
export interface AsyncQueue<T> {
  push(item: T): void;
  /** No more items come: waiting and later readers get null once the queue is empty. */
  end(): void;
  next(): Promise<T | null>;
  /** An item that waits; undefined when there is none. */
  take(): T | undefined;
}

export function createAsyncQueue<T>(): AsyncQueue<T> {
  const items = createFifo<T>();
  const readers = createFifo<(item: T | null) => void>();
  let open = true;

  return {
    push(item) {
      const reader = readers.shift();
      if (reader) reader(item);
      else items.push(item);
    },
    end() {
      open = false;
      for (let reader = readers.shift(); reader; reader = readers.shift()) reader(null);
    },
    take: () => items.shift(),
    next() {
      const item = items.shift();
      if (item !== undefined || !open) return Promise.resolve(item ?? null);
      return new Promise((resolve) => readers.push(resolve));
    },
  };
}

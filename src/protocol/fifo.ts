/**
 * A queue with constant cost per item at any length (`shift` of an array is linear), which does not retain removed items.
 */
export interface Fifo<T> {
  readonly length: number;
  push(item: T): void;
  /** Removes and returns the oldest item; undefined if the queue is empty. */
  shift(): T | undefined;
  readonly first: T | undefined;
  readonly last: T | undefined;
  /** Replaces the oldest item. */
  replaceFirst(item: T): void;
  /** Replaces the newest item. */
  replaceLast(item: T): void;
  clear(): void;
}

/** The array is compacted when it has this many free slots in front and they are half of it. */
const COMPACT_ITEMS = 64;

export function createFifo<T>(): Fifo<T> {
  let items: (T | undefined)[] = [];
  let head = 0;

  return {
    get length() {
      return items.length - head;
    },
    push(item) {
      items.push(item);
    },
    shift() {
      if (head === items.length) return undefined;
      const item = items[head];
      items[head++] = undefined;
      if (head === items.length || (head >= COMPACT_ITEMS && head * 2 >= items.length)) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    get first() {
      return items[head];
    },
    get last() {
      return head === items.length ? undefined : items[items.length - 1];
    },
    replaceFirst(item) {
      if (head < items.length) items[head] = item;
    },
    replaceLast(item) {
      if (head < items.length) items[items.length - 1] = item;
    },
    clear() {
      items = [];
      head = 0;
    },
  };
}

/**
 * A queue that costs the same per item however long it is (shifting a long array costs its length), and keeps nothing
 * that was taken.
 */
export interface Fifo<T> {
  readonly length: number;
  push(item: T): void;
  /** Takes the oldest item; undefined when there is none. */
  shift(): T | undefined;
  readonly first: T | undefined;
  readonly last: T | undefined;
  /** Puts `item` in the place of the oldest. */
  replaceFirst(item: T): void;
  /** Puts `item` in the place of the newest. */
  replaceLast(item: T): void;
  clear(): void;
}

/** Taken places in front are cut off when there are this many and they are half of all. */
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

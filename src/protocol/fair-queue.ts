import { createFifo, type Fifo } from './fifo.ts';

/** What waits, in lanes that take turns: a long lane makes no other one wait for longer. */
export interface FairQueue<T> {
  push(lane: string, item: T): void;
  /**
   * Takes the oldest item of the next lane whose oldest item may go; undefined when none may. Within a lane the order stays.
   * @param mayGo whether this one may; asked once for each lane at most
   */
  shift(mayGo: (item: T) => boolean): T | undefined;
  readonly length: number;
}

export function createFairQueue<T>(): FairQueue<T> {
  /** The lane whose turn is next stands first. */
  const lanes = new Map<string, Fifo<T>>();
  let length = 0;

  function laneOf(name: string): Fifo<T> {
    const known = lanes.get(name);
    if (known) return known;
    const lane = createFifo<T>();
    lanes.set(name, lane);
    return lane;
  }

  return {
    push(name, item) {
      laneOf(name).push(item);
      length++;
    },
    shift(mayGo) {
      for (const [name, lane] of lanes) {
        const item = lane.first;
        if (item === undefined || !mayGo(item)) continue;
        lane.shift();
        length--;
        lanes.delete(name);
        if (lane.length > 0) lanes.set(name, lane);
        return item;
      }
      return undefined;
    },
    get length() {
      return length;
    },
  };
}

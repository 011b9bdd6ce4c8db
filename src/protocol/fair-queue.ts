import { createFifo, type Fifo } from './fifo.ts';

/** A queue with lanes that are served round-robin, so that a long lane does not delay the others. */
export interface FairQueue<T> {
  push(lane: string, item: T): void;
  /**
   * Removes and returns the oldest item of the next lane whose oldest item may go; undefined if none may. A lane is FIFO.
   * @param mayGo decides on an item; called at most once for each lane
   */
  shift(mayGo: (item: T) => boolean): T | undefined;
  readonly length: number;
}

export function createFairQueue<T>(): FairQueue<T> {
  /** In the order of their turns. */
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

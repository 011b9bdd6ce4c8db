import { performance } from 'node:perf_hooks';

/** The middle of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** A thing to measure: its name and one execution of it. */
export interface Contestant {
  readonly name: string;
  once(): Promise<void>;
}

/**
 * Runs contestants in turn, so that a machine whose speed drifts drifts for all, after one round that is not counted.
 * @returns the median milliseconds of each, in their order
 */
export async function race(contestants: readonly Contestant[], rounds: number): Promise<number[]> {
  const times = contestants.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, { once }] of contestants.entries()) {
      const startMs = performance.now();
      await once();
      if (round >= 0) times[index]?.push(performance.now() - startMs);
    }
  }
  return times.map(median);
}

/** Rows of a table: each contestant's figure, and its ratio to the last, the rival. */
export function toRows(names: readonly string[], figures: readonly number[], unit: string): string[] {
  const rival = figures.at(-1) ?? Number.NaN;
  return names.map((name, index) => {
    const figure = figures[index] ?? Number.NaN;
    return `${name.padEnd(44)} ${figure.toFixed(2).padStart(9)} ${unit}   ×${(figure / rival).toFixed(2)}`;
  });
}

import { performance } from 'node:perf_hooks';

/** A thing to measure: its name, which begins with `rexa` if it is ours, and one execution of it. */
export interface Contestant {
  readonly name: string;
  /** What is not measured. */
  prepare?(): Promise<void>;
  once(): Promise<void>;
}

/**
 * Runs contestants in turn, so that a machine whose speed drifts drifts for all, after one round that is not counted.
 * @returns the milliseconds of each, in their order
 */
export async function race(contestants: readonly Contestant[], rounds: number): Promise<number[][]> {
  const times = contestants.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, { once, prepare }] of contestants.entries()) {
      await prepare?.();
      const startMs = performance.now();
      await once();
      if (round >= 0) times[index]?.push(performance.now() - startMs);
    }
  }
  return times;
}

/** One contestant's figures. */
export interface Row {
  readonly name: string;
  readonly median: number;
  /** Between the two lie four of five figures. */
  readonly low: number;
  readonly high: number;
  /** To the rival's median. */
  readonly ratio: number;
}

/** What was measured of one thing; the last row is the rival. */
export interface Table {
  readonly title: string;
  readonly unit: string;
  readonly better: 'less' | 'more';
  readonly rows: readonly Row[];
}

/** How a table is made of times. */
export interface TableOptions {
  readonly title: string;
  readonly unit: string;
  readonly better: Table['better'];
  /** The figure that a time in milliseconds stands for; default: itself. */
  readonly figure?: (ms: number) => number;
  /** Which of the sorted figures is told: 0.5, the default, is the median. */
  readonly quantile?: number;
}

/** @param samples of each contestant, the rival's last */
export function tabulate(
  names: readonly string[],
  samples: readonly (readonly number[])[],
  { title, unit, better, figure = (ms) => ms, quantile = 0.5 }: TableOptions,
): Table {
  const sorted = samples.map((each) => each.map(figure).toSorted((a, b) => a - b));
  const at = (figures: readonly number[] = [], share: number): number =>
    figures[Math.min(figures.length - 1, Math.floor(figures.length * share))] ?? Number.NaN;
  const rival = at(sorted.at(-1), quantile);
  const rows = names.map((name, index) => {
    const median = at(sorted[index], quantile);
    const [low, high] = quantile === 0.5 ? [0.1, 0.9].map((share) => at(sorted[index], share)) : [];
    return { name, median, low: low ?? median, high: high ?? median, ratio: median / rival };
  });
  return { title, unit, better, rows };
}

/** Races contestants and tabulates their times. */
export async function raceTable(
  contestants: readonly Contestant[],
  rounds: number,
  options: TableOptions,
): Promise<Table> {
  return tabulate(
    contestants.map(({ name }) => name),
    await race(contestants, rounds),
    options,
  );
}

/** A figure with about three digits. */
export function formatFigure(figure: number): string {
  if (Math.abs(figure) >= 100) return figure.toFixed(0);
  return figure.toFixed(Math.abs(figure) >= 10 ? 1 : 2);
}

/** A table as lines of text. */
export function formatTable({ title, unit, better, rows }: Table): string[] {
  return [
    `${title} (${unit}, ${better} is better)`,
    ...rows.map(({ name, median, low, high, ratio }) => {
      const spread = `${formatFigure(low)}–${formatFigure(high)}`;
      return `  ${name.padEnd(44)} ${formatFigure(median).padStart(8)}  ${spread.padEnd(16)} ×${ratio.toFixed(2)}`;
    }),
  ];
}

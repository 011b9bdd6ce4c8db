/** Figures of round trips, in ms; 0 where there are none. */
export interface Summary {
  readonly min: number;
  readonly average: number;
  readonly median: number;
  readonly max: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return { min: sorted[0] ?? 0, average: sum / Math.max(1, sorted.length), median, max: sorted.at(-1) ?? 0 };
}

export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

export function formatMs(ms: number): string {
  return `${ms.toFixed(3)} ms`;
}

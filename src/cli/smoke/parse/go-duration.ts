const MS_OF_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const WHOLE = /^\+?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/**
 * Reads a duration as Go's time.ParseDuration does: `300ms`, `1.5h`, `2h45m`, `0`.
 * @returns milliseconds; what is above 0 is at least 1; null: it is no duration
 */
export function readGoDuration(text: string): number | null {
  if (/^\+?0$/.test(text)) return 0;
  if (!WHOLE.test(text)) return null;
  const exact = [...text.matchAll(PART)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (MS_OF_UNIT[unit ?? ''] ?? 0),
    0,
  );
  return exact === 0 ? 0 : Math.max(1, Math.round(exact));
}

import { MAX_TIMEOUT_MS } from '../protocol/limits.ts';
import { quoteWord, usageError } from './usage-error.ts';

const MS_OF_UNIT = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

/** Numbers with their units, the larger unit first, each at most once: `1h30m`, `1.5s`, `250ms`. */
const WITH_UNITS = new RegExp(
  `^${['d', 'h', 'm(?!s)', 's', 'ms'].map((unit) => `(?:(\\d+(?:\\.\\d+)?)${unit})?`).join('')}$`,
);
const BARE_NUMBER = /^\d+(?:\.\d+)?$/;

/**
 * A duration in milliseconds: `30s`, `5m`, `1h30m`, `250ms`, `2d`. A bare number is seconds, as timeout(1) and
 * `ssh -o ConnectTimeout` take it. What is above 0 never becomes 0.
 * @throws RexaError USAGE
 */
export function readDuration(text: string): number {
  const exact = BARE_NUMBER.test(text) ? Number(text) * MS_OF_UNIT.s : addUnits(text);
  if (exact === null) {
    throw usageError(
      `${quoteWord(text)} is not a duration; write it as 30s, 5m, 1h30m or 250ms (a bare number is seconds)`,
    );
  }
  if (exact > MAX_TIMEOUT_MS) {
    throw usageError(`${quoteWord(text)} is too long; the longest is ${formatDuration(MAX_TIMEOUT_MS)}`);
  }
  return exact > 0 ? Math.max(1, Math.round(exact)) : 0;
}

function addUnits(text: string): number | null {
  const numbers = WITH_UNITS.exec(text)?.slice(1);
  if (numbers === undefined || text === '') return null;
  const units = Object.values(MS_OF_UNIT);
  return numbers.reduce((sum, number, index) => sum + Number(number ?? 0) * (units[index] ?? 0), 0);
}

/**
 * Above 0: for what cannot be switched off.
 * @throws RexaError USAGE
 */
export function readPositiveDuration(text: string): number {
  const durationMs = readDuration(text);
  if (durationMs === 0) throw usageError('the duration must be above 0');
  return durationMs;
}

/** For a message: `250 ms`, `1.5 s`, `30 s`, `1 min 30 s`, `2 h`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < MS_OF_UNIT.s) return `${roundTo(durationMs, 1)} ms`;
  if (durationMs < MS_OF_UNIT.m) return `${roundTo(durationMs / MS_OF_UNIT.s, 3)} s`;
  const wholeSeconds = Math.round(durationMs / MS_OF_UNIT.s);
  const parts = [
    [Math.floor(wholeSeconds / 86_400), 'd'],
    [Math.floor(wholeSeconds / 3_600) % 24, 'h'],
    [Math.floor(wholeSeconds / 60) % 60, 'min'],
    [wholeSeconds % 60, 's'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

function roundTo(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

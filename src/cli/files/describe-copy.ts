import { RexaError } from '../../protocol/errors.ts';
import { escapeJson } from '../../protocol/show-text.ts';
import type { CopyProgress } from '../../services/files/client-types.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Returns a number of bytes for people: `12.3 MiB`. */
export function describeBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

function describeCount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Returns the sentence at the end of a copy. */
export function describeSummary(counts: CopyProgress, isDry: boolean, ms: number): string {
  const { copied, unchanged, deleted, failed, bytes, reusedBytes } = counts;
  const parts = [`${isDry ? 'would copy' : 'copied'} ${describeCount(copied, 'file')}`];
  if (!isDry) parts[0] += ` (${describeBytes(bytes)} in ${(ms / 1000).toFixed(1)} s)`;
  if (unchanged > 0) parts.push(`${unchanged} unchanged`);
  if (deleted > 0) parts.push(isDry ? `would delete ${deleted}` : `${deleted} deleted`);
  if (reusedBytes > 0) parts.push(`${describeBytes(reusedBytes)} reused`);
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join(', ');
}

/** The code of what ended a copy; null: it has none. */
export function codeOf(error: Error | null): string | null {
  return error instanceof RexaError ? error.code : null;
}

/** Why a copy ended before it was complete, and what a resumption would save. */
export interface SummaryEnd {
  readonly exitStatus: number;
  /** Null: it is complete. */
  readonly error: Error | null;
  readonly savedBytes: number;
  /** `--delete` has removed nothing more after a read error. */
  readonly deletionStopped: boolean;
}

/** Returns the last line of JSON. */
export function writeSummaryJson(counts: CopyProgress, end: SummaryEnd): string {
  const { bytes, reusedBytes, copied, unchanged, deleted, failed, isFinished } = counts;
  const { error, ...rest } = end;
  const summary = {
    bytes,
    reusedBytes,
    copied,
    unchanged,
    deleted,
    failed,
    complete: isFinished,
    ...rest,
    code: codeOf(error),
    message: error?.message ?? null,
  };
  return `${escapeJson(JSON.stringify({ type: 'summary', ...summary }))}\n`;
}

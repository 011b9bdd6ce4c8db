import type { ErrorCode } from '../protocol/errors.ts';
import type { RunResult } from './run-types.ts';

/** Codes of what passes by itself: a network, a full host, a daemon that restarts. Nothing was run. */
const PASSING: ReadonlySet<string> = new Set([
  'CHANNELS_EXHAUSTED',
  'CONNECT_FAILED',
  'CONNECT_TIMEOUT',
  'CONNECTIONS_EXHAUSTED',
  'JOBS_EXHAUSTED',
  'SUPERVISOR_UNREACHABLE',
  'LINK_LOST',
  'LOCAL_START_FAILED',
  'PROGRAM_ENDED',
  'RECONNECT_FAILED',
  'SHUTTING_DOWN',
]);

/**
 * Tells whether the same run may be asked for again and may then succeed: nothing of it was run and the reason may pass,
 * or what became of it is not known and its id makes sure that it is never run twice.
 */
export function isRetryable({
  outcome,
  code,
  jobId,
}: Pick<RunResult<unknown>, 'outcome' | 'code' | 'jobId'>): boolean {
  // Of an id that the user gave
  if (outcome === 'lost') return jobId !== null || code === ('JOB_ID_UNCHECKED' satisfies ErrorCode);
  const wasNotRun = outcome === 'unreachable' || outcome === 'not-started' || outcome === 'denied';
  return wasNotRun && code !== null && PASSING.has(code);
}

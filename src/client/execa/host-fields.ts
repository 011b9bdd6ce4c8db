import { writeCommandLine } from '../command-line.ts';
import type { RunResult } from '../run-types.ts';
import type { RemoteChild } from './remote-child.ts';

/** What rexa knows of a run beside what execa knows. */
export type HostFields = Pick<
  RunResult<unknown>,
  'outcome' | 'host' | 'reason' | 'bytes' | 'resumed' | 'survivors' | 'pipeHeldBy' | 'complete' | 'jobId'
> & {
  readonly encodings: RunResult<unknown>['encoding'];
  /** The same from a shell: `rexa run HOST -- …`. */
  readonly remoteCommand: string;
};

/** What execa makes of a run: a result, or an `ExecaError` with the same fields. */
export interface ExecaResult {
  readonly failed: boolean;
  readonly timedOut: boolean;
  readonly isCanceled: boolean;
  readonly durationMs: number;
  readonly ipcOutput?: readonly unknown[];
  /** Of an error: what it was caused by. */
  readonly cause?: unknown;
}

/** Returns rexa's fields of a result, or an error. */
export function hostFields(result: ExecaResult, told: RunResult<unknown>, child: RemoteChild): HostFields {
  const { host, reason, bytes, resumed, survivors, pipeHeldBy, complete, jobId } = told;
  return {
    outcome: nameOutcome(result, told.outcome),
    host,
    reason,
    encodings: told.encoding,
    bytes,
    resumed,
    survivors,
    pipeHeldBy,
    complete,
    jobId,
    remoteCommand: writeCommandLine(host, child.spawnfile, child.words, { cwd: child.options.cwd }),
  };
}

/** It was execa that sent the signals of a timeout and of a cancel: the host saw no more than these. */
function nameOutcome(
  { timedOut, isCanceled }: ExecaResult,
  told: RunResult<unknown>['outcome'],
): RunResult<unknown>['outcome'] {
  if (told !== 'signaled' && told !== 'exited') return told;
  if (timedOut) return 'timed-out';
  return isCanceled ? 'canceled' : told;
}

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

interface ExecaResult {
  readonly failed: boolean;
  readonly timedOut: boolean;
  readonly isCanceled: boolean;
}

/** Puts rexa's fields beside those of execa, once the host has told what became of the run. */
export async function addHostFields(result: object, child: RemoteChild): Promise<object> {
  const told = await child.outcome;
  const { host, bytes, resumed, survivors, pipeHeldBy, complete, jobId } = told;
  const fields: HostFields = {
    outcome: nameOutcome(result as ExecaResult, told.outcome),
    host,
    reason: told.reason,
    encodings: told.encoding,
    bytes,
    resumed,
    survivors,
    pipeHeldBy,
    complete,
    jobId,
    remoteCommand: writeCommandLine(host, child.spawnfile, child.words, { cwd: child.folder }),
  };
  return Object.assign(result, fields, nameFailure(result as ExecaResult, told));
}

/** A run that did not end by itself has its own code: streams of a lost link may fail first, with one that says less. */
function nameFailure(
  { failed }: ExecaResult,
  { outcome, code, errno }: RunResult<unknown>,
): { code?: string } {
  const endedItself = outcome === 'exited' || outcome === 'signaled';
  return !failed || endedItself || errno !== null || code === null ? {} : { code };
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

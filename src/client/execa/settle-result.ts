import { makeError } from 'execa/lib/return/result.js';
import type { RunResult } from '../run-types.ts';
import { type ExecaResult, hostFields } from './host-fields.ts';
import { describeFailure, failureCode, type RemoteChild } from './remote-child.ts';

/**
 * Returns the final result, or error, of a run: execa's own with rexa's fields. execa knows the exit and the streams that it
 * reads. Where the host's outcome says that the run has failed otherwise, it is an `ExecaError` with that as its cause.
 */
export function settleResult<Result extends ExecaResult>(
  result: Result,
  told: RunResult<unknown>,
  child: RemoteChild,
): Result | (Error & ExecaResult) {
  const code = failureCode(told);
  const isSaid = result.failed && (told.outcome === 'canceled' || result.cause === child.failure);
  const isExecas = code === undefined || isSaid;
  const final = isExecas ? result : makeFailure(result, told, child);
  return Object.assign(final, hostFields(final, told, child), isExecas ? {} : { code });
}

function makeFailure(result: ExecaResult, told: RunResult<unknown>, child: RemoteChild): Error & ExecaResult {
  const { exitCode, signal } = told;
  const error = makeError({
    ...result,
    error: describeFailure(told, child, result.cause),
    exitCode,
    signal,
    ipcOutput: result.ipcOutput ?? [],
    options: child.options,
    startTime: 0n,
    isSync: false,
  });
  return Object.assign(error, { durationMs: result.durationMs });
}

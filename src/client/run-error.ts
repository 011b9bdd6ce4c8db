import { RexaError } from '../protocol/errors.ts';
import type { RunResult } from './run-types.ts';

/** A run that did not exit with code 0, or whose output is not whole. `result` says what became of it. */
export class RunError extends RexaError {
  override readonly name = 'RunError';
  readonly result: RunResult<string | Uint8Array>;

  constructor(result: RunResult<string | Uint8Array>) {
    super('RUN_FAILED', [describeResult(result)]);
    this.result = result;
  }
}

function describeResult(result: RunResult<unknown>): string {
  const incomplete = result.code === null ? '' : `, but ${result.reason}`;
  if (result.outcome === 'exited') return `the command exited with code ${result.exitCode}${incomplete}`;
  if (result.outcome === 'signaled') return `the command was ended by ${result.signal}${incomplete}`;
  return `${result.outcome}: ${result.reason}`;
}

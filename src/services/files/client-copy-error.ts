import { type ErrorCode, RexaError } from '../../protocol/errors.ts';
import type { CopyResult } from './client-types.ts';

/** The error of a copy that was not complete. */
export class CopyError extends RexaError {
  override readonly name = 'CopyError';
  /** How far it came. */
  readonly result: CopyResult;

  constructor(code: ErrorCode, message: string, result: CopyResult, cause?: unknown) {
    super(code, [], cause === undefined ? undefined : { cause });
    this.message = message;
    this.result = result;
  }
}

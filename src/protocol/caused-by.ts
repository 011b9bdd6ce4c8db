import { type ErrorCode, RexaError } from './errors.ts';

/** What was thrown, in its own words. */
export function describeCause(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** An error of the catalogue whose last detail is what its cause says. */
export function causedBy(
  code: ErrorCode,
  cause: unknown,
  ...details: readonly (string | number)[]
): RexaError {
  return new RexaError(code, [...details, describeCause(cause)], { cause });
}

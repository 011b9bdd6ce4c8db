import { CATALOGUE, type ErrorCode, RexaError } from './errors.ts';

/** An error that the other side told, as our own, in its words. One that only a later version knows is INTERNAL. */
export function toRexaError({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): RexaError {
  const error = new RexaError(Object.hasOwn(CATALOGUE, code) ? (code as ErrorCode) : 'INTERNAL', [message]);
  error.message = message;
  return error;
}

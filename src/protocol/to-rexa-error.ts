import { CATALOGUE, type ErrorCode, RexaError } from './errors.ts';

/** Returns a RexaError for an error reported by the peer, with its text. An unknown code becomes INTERNAL. */
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

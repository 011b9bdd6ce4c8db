import { CATALOGUE, type ErrorCode, RexaError } from './errors.ts';

/** Returns a RexaError for an error reported by the peer, with its text. An unknown code becomes INTERNAL. `errnoOf` finds its errno. */
export function toRexaError({
  code,
  message,
  errno,
}: {
  readonly code: string;
  readonly message: string;
  readonly errno?: string;
}): RexaError {
  const known = Object.hasOwn(CATALOGUE, code) ? (code as ErrorCode) : 'INTERNAL';
  const options = errno === undefined ? {} : { cause: Object.assign(new Error(message), { code: errno }) };
  const error = new RexaError(known, [message], options);
  error.message = message;
  return error;
}

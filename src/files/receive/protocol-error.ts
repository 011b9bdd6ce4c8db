import { RexaError } from '../../protocol/errors.ts';

/** Returns the error of a sender that does not keep to the protocol: it ends the transfer. */
export function wrong(what: string): RexaError {
  return new RexaError('FILES_PROTOCOL', [what]);
}

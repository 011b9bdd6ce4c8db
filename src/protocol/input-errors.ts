import * as v from 'valibot';

/** Handling of input that the command's encoding cannot represent; docs/protocol.md, 6. */
export const INPUT_ERRORS = ['cancel', 'bell', 'replace'] as const;

/**
 * `cancel`: the run is canceled; `bell`: the rest of the chunk is not sent, and the client is notified; `replace`: a
 * substitute is written.
 */
export type InputErrors = (typeof INPUT_ERRORS)[number];

/** A value of a later version that this one does not know counts as absent. */
export const inputErrorsSchema = v.fallback(v.optional(v.picklist(INPUT_ERRORS)), undefined);

/** Returns the default: `bell` on a terminal, where a person types, and `cancel` on a pipe. */
export function defaultInputErrors(isTerminal: boolean): InputErrors {
  return isTerminal ? 'bell' : 'cancel';
}

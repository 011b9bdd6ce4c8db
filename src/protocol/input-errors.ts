import * as v from 'valibot';

/** What is done about input that can't be written in the command's encoding; docs/protocol.md, 6. */
export const INPUT_ERRORS = ['cancel', 'bell', 'replace'] as const;

/**
 * `cancel`: the run is canceled; `bell`: the rest of what came with it is not sent, and the client is told; `replace`:
 * a substitute is written.
 */
export type InputErrors = (typeof INPUT_ERRORS)[number];

/** A choice that a later version may know and this one doesn't is as if none were given. */
export const inputErrorsSchema = v.fallback(v.optional(v.picklist(INPUT_ERRORS)), undefined);

/** The choice of a request that makes none: a person types on a terminal, a program writes into a pipe. */
export function defaultInputErrors(isTerminal: boolean): InputErrors {
  return isTerminal ? 'bell' : 'cancel';
}

import { RexaError } from '../protocol/errors.ts';
import type { Identity } from './identity.ts';
import { makeProof, type ProofFields } from './proof.ts';

/** A proof, and what went wrong with the identities before the one that gave it. */
export interface FirstProof {
  readonly identity: Identity;
  readonly proof: Buffer;
  readonly problems: readonly RexaError[];
}

/**
 * Proves the first identity that can be proven: one whose agent refuses, lies, stalls or closes, or whose key is
 * damaged, is passed over for the next. Locked ones are passed over too: a question to a person never holds a
 * connection open, so that they are unlocked before.
 * @returns no identity when none could be proven; `problems` then says why for each
 * @throws RexaError AUTH_ACCOUNT_INVALID
 */
export async function proveFirst(
  identities: readonly Identity[],
  fields: Omit<ProofFields, 'publicKey'>,
): Promise<FirstProof | { readonly identity: null; readonly problems: readonly RexaError[] }> {
  const problems: RexaError[] = [];
  for (const identity of identities) {
    try {
      const proof = await makeProof({ ...fields, publicKey: identity.offered.blob }, (data) =>
        identity.sign(data),
      );
      return { identity, proof, problems };
    } catch (error) {
      if (!(error instanceof RexaError) || error.code === 'AUTH_ACCOUNT_INVALID') throw error;
      problems.push(error);
    }
  }
  return { identity: null, problems };
}

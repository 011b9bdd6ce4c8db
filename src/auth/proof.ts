import { RexaError } from '../protocol/errors.ts';
import { MAX_ACCOUNT_BYTES } from '../protocol/limits.ts';
import type { OfferedKey } from './offered-key.ts';
import type { TokenDemands } from './signature.ts';
import { checkSshsig, makeSshsig } from './sshsig.ts';
import { wireString } from './wire-writer.ts';

/** The namespace of the SSHSIG, which separates proofs from all other signatures. */
export const PROOF_NAMESPACE = 'auth@rexa';
/** The label of the TLS exporter (RFC 8446, section 7.5) that binds a proof to one connection; no context. */
export const PROOF_EXPORTER_LABEL = 'EXPORTER-rexa-auth-v1';
/** The length of the exporter. */
export const PROOF_EXPORTER_BYTES = 32;

const TAG = 'rexa-auth-v1';

/** The values that a proof is bound to. */
export interface ProofFields {
  /** `exportKeyingMaterial(PROOF_EXPORTER_BYTES, PROOF_EXPORTER_LABEL)` of this connection. */
  readonly exporter: Uint8Array;
  /** The side that proves. */
  readonly role: 'client';
  /** The negotiated ALPN protocol: `rexa/1`. */
  readonly alpn: string;
  /** The requested user, from the hello; empty if there was none. */
  readonly account: string;
  /** The host's public key blob, from the certificate of this connection. */
  readonly hostKey: Uint8Array;
  /** The offered blob: a key or a certificate. */
  readonly publicKey: Uint8Array;
}

/**
 * Returns the message that a proof signs: seven SSH `string`s, namely a tag, the exporter, the role, the ALPN protocol, the
 * account, the host key's blob and the offered blob.
 * @throws RexaError INTERNAL if the exporter has the wrong length; AUTH_ACCOUNT_INVALID for an account that is not text
 */
export function makeProofMessage(fields: ProofFields): Buffer {
  if (fields.exporter.length !== PROOF_EXPORTER_BYTES)
    throw new RexaError('INTERNAL', ['the exporter is cut']);
  // A lone surrogate would be encoded as U+FFFD, and two accounts would share one proof.
  if (!fields.account.isWellFormed() || Buffer.byteLength(fields.account) > MAX_ACCOUNT_BYTES) {
    throw new RexaError('AUTH_ACCOUNT_INVALID', [fields.account]);
  }
  return Buffer.concat([
    wireString(TAG),
    wireString(fields.exporter),
    wireString(fields.role),
    wireString(fields.alpn),
    wireString(fields.account),
    wireString(fields.hostKey),
    wireString(fields.publicKey),
  ]);
}

/**
 * Creates a proof of possession: the bytes of an SSHSIG.
 * @param sign returns the SSH signature blob for the given bytes: an identity's `sign`
 * @throws RexaError the errors of `sign`; AUTH_ACCOUNT_INVALID
 */
export async function makeProof(
  fields: ProofFields,
  sign: (data: Buffer) => Promise<Uint8Array>,
): Promise<Buffer> {
  return makeSshsig(fields.publicKey, PROOF_NAMESPACE, makeProofMessage(fields), sign);
}

/**
 * Verifies that the peer possesses the offered key on this connection, and throws otherwise. The rights of the key are
 * determined by `authorizeKey`.
 * @param token what the token of a FIDO key must attest; default: a touch
 * @param fields this side's values for the connection; `publicKey` is the offered key's own blob
 * @throws RexaError AUTH_SIGNATURE_MALFORMED, AUTH_SIGNATURE_WRONG, AUTH_ACCOUNT_INVALID, KEY_MALFORMED
 */
export function checkProof(
  proof: Uint8Array,
  offered: OfferedKey,
  fields: Omit<ProofFields, 'publicKey'>,
  token?: TokenDemands,
): void {
  const message = makeProofMessage({ ...fields, publicKey: offered.blob });
  checkSshsig(proof, { key: offered.key, blob: offered.blob, namespace: PROOF_NAMESPACE, message, token });
}

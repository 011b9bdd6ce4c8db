import { RexaError } from '../protocol/errors.ts';
import { MAX_ACCOUNT_BYTES } from '../protocol/limits.ts';
import type { OfferedKey } from './offered-key.ts';
import { checkSshsig, makeSshsig } from './sshsig.ts';
import { wireString } from './wire-writer.ts';

/** The namespace of the SSHSIG: no signature made for anything else is a proof, and the other way round. */
export const PROOF_NAMESPACE = 'auth@rexa';
/** The label of the TLS exporter (RFC 8446, section 7.5) that ties a proof to one connection; no context. */
export const PROOF_EXPORTER_LABEL = 'EXPORTER-rexa-auth-v1';
/** Its length. */
export const PROOF_EXPORTER_BYTES = 32;

const TAG = 'rexa-auth-v1';

/** All that a proof is bound to. */
export interface ProofFields {
  /** `exportKeyingMaterial(PROOF_EXPORTER_BYTES, PROOF_EXPORTER_LABEL)` of this connection. */
  readonly exporter: Uint8Array;
  /** Who proves. */
  readonly role: 'client';
  /** What TLS agreed on: `rexa/1`. */
  readonly alpn: string;
  /** The user that was asked for, as the hello has it; empty when none was. */
  readonly account: string;
  /** The host's public key blob, from the certificate of this connection. */
  readonly hostKey: Uint8Array;
  /** The blob that the user offers: a key, or a certificate. */
  readonly publicKey: Uint8Array;
}

/**
 * The message that a proof is an SSHSIG over: seven SSH `string`s, namely a tag, the exporter, the role, the ALPN, the
 * account, the host key's blob and the offered blob.
 * @throws RexaError INTERNAL when the exporter is too short to bind anything; AUTH_ACCOUNT_INVALID for an account that is no text
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
 * Proves a key: the bytes of an SSHSIG.
 * @param sign gives SSH's signature blob over the bytes it is handed: an identity's `sign`
 * @throws RexaError whatever `sign` throws; AUTH_ACCOUNT_INVALID
 */
export async function makeProof(
  fields: ProofFields,
  sign: (data: Buffer) => Promise<Uint8Array>,
): Promise<Buffer> {
  return makeSshsig(fields.publicKey, PROOF_NAMESPACE, makeProofMessage(fields), sign);
}

/**
 * Returns if the proof shows that the peer holds the offered key, here and now, and throws otherwise. It says nothing
 * of what the key may do: that is `authorizeKey`.
 * @param fields what this side knows of the connection; `publicKey` is the offered key's own blob
 * @throws RexaError AUTH_SIGNATURE_MALFORMED, AUTH_SIGNATURE_WRONG, AUTH_ACCOUNT_INVALID, KEY_MALFORMED
 */
export function checkProof(
  proof: Uint8Array,
  offered: OfferedKey,
  fields: Omit<ProofFields, 'publicKey'>,
): void {
  const message = makeProofMessage({ ...fields, publicKey: offered.blob });
  checkSshsig(proof, { key: offered.key, blob: offered.blob, namespace: PROOF_NAMESPACE, message });
}

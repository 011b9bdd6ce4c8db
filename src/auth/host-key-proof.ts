import { RexaError } from '../protocol/errors.ts';
import type { PrivateKey } from './private-key.ts';
import { PROOF_EXPORTER_BYTES } from './proof.ts';
import type { PublicKey } from './public-key.ts';
import { signMessage } from './signature.ts';
import { checkSshsig, makeSshsig } from './sshsig.ts';
import { wireString } from './wire-writer.ts';

/** The namespace of the SSHSIG, which separates proofs of further host keys from all other signatures. */
const NAMESPACE = 'hostkey@rexa';
const TAG = 'rexa-hostkey-v1';

/** The connection that a proof is bound to. */
export interface ProvenConnection {
  /** As of the proof of a login: `PROOF_EXPORTER_LABEL`. */
  readonly exporter: Uint8Array;
  /** The blob of the key that the host has proven by TLS. */
  readonly servedKey: Uint8Array;
}

/** Proves that the host of a connection has another key, too: the bytes of an SSHSIG. */
export function makeHostKeyProof(connection: ProvenConnection, key: PrivateKey): Promise<Buffer> {
  const { blob } = key.publicKey;
  return makeSshsig(blob, NAMESPACE, messageOf(connection, blob), async (data) => signMessage(key, data));
}

/** @throws RexaError AUTH_SIGNATURE_MALFORMED, AUTH_SIGNATURE_WRONG, KEY_MALFORMED */
export function checkHostKeyProof(proof: Uint8Array, key: PublicKey, connection: ProvenConnection): void {
  const { blob } = key;
  checkSshsig(proof, { key, blob, namespace: NAMESPACE, message: messageOf(connection, blob) });
}

/** @throws RexaError INTERNAL if the exporter has the wrong length */
function messageOf({ exporter, servedKey }: ProvenConnection, blob: Uint8Array): Buffer {
  if (exporter.length !== PROOF_EXPORTER_BYTES) throw new RexaError('INTERNAL', ['the exporter is cut']);
  return Buffer.concat([TAG, exporter, servedKey, blob].map((field) => wireString(field)));
}

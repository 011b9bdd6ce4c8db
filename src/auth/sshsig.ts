import { createHash } from 'node:crypto';
import { RexaError } from '../protocol/errors.ts';
import { MAX_KEY_BLOB_BYTES, MAX_SIGNATURE_BYTES } from '../protocol/limits.ts';
import { fingerprint, type PublicKey } from './public-key.ts';
import { checkSignature, type TokenDemands } from './signature.ts';
import { type Malformed, WireReader } from './wire-reader.ts';
import { wireString, wireU32 } from './wire-writer.ts';

const MAGIC = Buffer.from('SSHSIG', 'latin1');
const VERSION = 1;
const HASH = 'sha512';
/** The limits of key and signature, and room for the small fields. */
const MAX_SSHSIG_BYTES = MAX_KEY_BLOB_BYTES + MAX_SIGNATURE_BYTES + 1024;

/** Returns the signed data: the message's hash, bound to a namespace (PROTOCOL.sshsig). */
function signedData(namespace: string, message: Uint8Array): Buffer {
  const digest = createHash(HASH).update(message).digest();
  return Buffer.concat([MAGIC, wireString(namespace), wireString(''), wireString(HASH), wireString(digest)]);
}

/**
 * Creates an SSHSIG (version 1, SHA-512), in binary.
 * @param blob the signing key, or its certificate
 * @param sign returns the SSH signature blob for the given bytes
 */
export async function makeSshsig(
  blob: Uint8Array,
  namespace: string,
  message: Uint8Array,
  sign: (data: Buffer) => Promise<Uint8Array>,
): Promise<Buffer> {
  const signature = await sign(signedData(namespace, message));
  return Buffer.concat([
    MAGIC,
    wireU32(VERSION),
    wireString(blob),
    wireString(namespace),
    wireString(''),
    wireString(HASH),
    wireString(signature),
  ]);
}

/**
 * Verifies an SSHSIG by this key over this message in this namespace, and throws if it is invalid.
 * @param blob the key that the signature must name: the key's own blob, or its certificate
 * @throws RexaError AUTH_SIGNATURE_MALFORMED, AUTH_SIGNATURE_WRONG, KEY_MALFORMED
 */
export function checkSshsig(sshsig: Uint8Array, { key, blob, namespace, message, token }: SshsigClaim): void {
  const name = fingerprint(key);
  const malformed: Malformed = (reason) => new RexaError('AUTH_SIGNATURE_MALFORMED', [name, reason]);
  if (sshsig.length > MAX_SSHSIG_BYTES) throw malformed(`it has more than ${MAX_SSHSIG_BYTES} bytes`);
  const reader = new WireReader(sshsig, malformed);
  if (!reader.readBytes(MAGIC.length).equals(MAGIC)) throw malformed('it is no SSHSIG');
  const version = reader.readU32();
  if (version !== VERSION) throw malformed(`it is of version ${version}, where ${VERSION} is known`);
  if (!reader.readString().equals(blob)) throw malformed('it names another key');
  const named = reader.readText();
  if (named !== namespace) throw malformed(`its namespace is ${named}, where ${namespace} belongs`);
  if (reader.readString().length > 0) throw malformed('its reserved field is not empty');
  const hash = reader.readText();
  if (hash !== HASH) throw malformed(`it was made with ${hash}, where ${HASH} belongs`);
  const signature = reader.readString();
  reader.expectEnd();
  checkSignature(key, signedData(namespace, message), signature, token === undefined ? {} : { token });
}

/** Returns the blob of the key that an SSHSIG names; nothing is verified. @throws RexaError AUTH_SIGNATURE_MALFORMED */
export function readSshsigKey(sshsig: Uint8Array, name: string): Buffer {
  const reader = new WireReader(
    sshsig,
    (reason) => new RexaError('AUTH_SIGNATURE_MALFORMED', [name, reason]),
  );
  reader.readBytes(MAGIC.length);
  reader.readU32();
  return reader.readString();
}

/** The required contents of an SSHSIG. */
export interface SshsigClaim {
  readonly key: PublicKey;
  readonly blob: Uint8Array;
  readonly namespace: string;
  readonly message: Uint8Array;
  /** What the token of a FIDO key must attest. Default: a touch. */
  readonly token?: TokenDemands | undefined;
}

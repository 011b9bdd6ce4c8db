import { createHash, sign, verify } from 'node:crypto';
import { RexaError } from '../protocol/errors.ts';
import { MAX_SIGNATURE_BYTES } from '../protocol/limits.ts';
import { toKeyObject } from './key-object.ts';
import type { Curve } from './key-types.ts';
import type { PrivateKey } from './private-key.ts';
import { fingerprint, type PublicKey } from './public-key.ts';
import { type Malformed, WireReader } from './wire-reader.ts';
import { wireMpint, wireString, wireU32 } from './wire-writer.ts';

/** RSA signature algorithms (RFC 8332); `ssh-rsa`, with SHA-1, is never accepted. */
export type RsaAlgorithm = 'rsa-sha2-256' | 'rsa-sha2-512';

/** The RSA algorithm of users' proofs. */
const PROOF_ALGORITHMS: readonly RsaAlgorithm[] = ['rsa-sha2-512'];

/** Flag: the token was touched (PROTOCOL.u2f). */
const USER_PRESENT = 0x01;
/** The flag of a token that verified its user. */
const USER_VERIFIED = 0x04;

/**
 * Signs a message; returns the SSH signature blob: `string` algorithm, `string` signature.
 * @throws RexaError KEY_MALFORMED if the key's numbers are invalid
 */
export function signMessage({ publicKey, keyObject }: PrivateKey, message: Uint8Array): Buffer {
  const { material, type } = publicKey;
  try {
    switch (material.family) {
      case 'ed25519':
        return Buffer.concat([wireString(type), wireString(sign(null, message, keyObject))]);
      case 'ecdsa': {
        const { curve } = material;
        const pair = sign(curve.hash, message, { key: keyObject, dsaEncoding: 'ieee-p1363' });
        return Buffer.concat([wireString(type), wireString(splitPair(pair, curve))]);
      }
      case 'rsa':
        return Buffer.concat([wireString('rsa-sha2-512'), wireString(sign('sha512', message, keyObject))]);
      default:
        return material satisfies never;
    }
  } catch (cause) {
    throw new RexaError('KEY_MALFORMED', [fingerprint(publicKey), 'it makes no signature'], { cause });
  }
}

/**
 * Verifies a signature by this key over this message, and throws if it is invalid.
 * @throws RexaError AUTH_SIGNATURE_MALFORMED, AUTH_SIGNATURE_WRONG, KEY_MALFORMED
 */
export function checkSignature(
  key: PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
  { rsaAlgorithms = PROOF_ALGORITHMS, token = TOUCHED }: SignatureDemands = {},
): void {
  const malformed: Malformed = (reason) =>
    new RexaError('AUTH_SIGNATURE_MALFORMED', [fingerprint(key), reason]);
  if (signature.length > MAX_SIGNATURE_BYTES)
    throw malformed(`it has more than ${MAX_SIGNATURE_BYTES} bytes`);
  const reader = new WireReader(signature, malformed);
  const algorithm = reader.readText();
  const value = reader.readString();
  const signed =
    key.application === null
      ? message
      : readTokenMessage(reader, { application: key.application, message, token, malformed });
  reader.expectEnd();
  if (!isValid({ key, algorithm, value, message: signed, rsaAlgorithms, malformed })) {
    throw new RexaError('AUTH_SIGNATURE_WRONG', [fingerprint(key)]);
  }
}

/** What a signature must attest. */
export interface SignatureDemands {
  /** Accepted algorithms of RSA keys. Default: for a proof, only `rsa-sha2-512`. */
  readonly rsaAlgorithms?: readonly RsaAlgorithm[];
  /** What the token of a FIDO key must attest. Default: a touch. */
  readonly token?: TokenDemands;
}

/** What a FIDO token must attest with a signature. */
export interface TokenDemands {
  /** That somebody touched it. */
  readonly touch: boolean;
  /** That it verified its user, as by a PIN. */
  readonly verification: boolean;
}

/** What a token must attest where nobody says otherwise, as in OpenSSH. */
const TOUCHED: TokenDemands = { touch: true, verification: false };

/** The arguments of a verification by OpenSSL, and of its errors. */
interface SignatureParts {
  readonly key: PublicKey;
  readonly algorithm: string;
  readonly value: Buffer;
  readonly message: Uint8Array;
  readonly rsaAlgorithms: readonly RsaAlgorithm[];
  readonly malformed: Malformed;
}

function isValid({ key, algorithm, value, message, rsaAlgorithms, malformed }: SignatureParts): boolean {
  const { material } = key;
  const refuse = (taken: string) => malformed(`it was made with ${algorithm}, where ${taken} is taken`);
  const keyObject = toKeyObject(key, fingerprint(key));
  switch (material.family) {
    case 'ed25519':
      if (algorithm !== key.type) throw refuse(key.type);
      return verify(null, message, keyObject, value);
    case 'ecdsa': {
      if (algorithm !== key.type) throw refuse(key.type);
      const pair = joinPair(value, material.curve, malformed);
      return verify(material.curve.hash, message, { key: keyObject, dsaEncoding: 'ieee-p1363' }, pair);
    }
    case 'rsa': {
      const known = rsaAlgorithms.find((each) => each === algorithm);
      if (known === undefined) throw refuse(rsaAlgorithms.join(' or '));
      return verify(known === 'rsa-sha2-512' ? 'sha512' : 'sha256', message, keyObject, value);
    }
    default:
      return material satisfies never;
  }
}

/** Returns the data that a token signs instead of the message: hashes of message and application, flags and a counter. */
function readTokenMessage(
  reader: WireReader,
  {
    application,
    message,
    token,
    malformed,
  }: {
    readonly application: string;
    readonly message: Uint8Array;
    readonly token: TokenDemands;
    readonly malformed: Malformed;
  },
): Buffer {
  const flags = reader.readByte();
  const counter = reader.readU32();
  if (token.touch && (flags & USER_PRESENT) === 0) throw malformed('nobody touched the token that made it');
  if (token.verification && (flags & USER_VERIFIED) === 0)
    throw malformed('the token that made it did not verify its user');
  const hash = (data: Uint8Array | string) => createHash('sha256').update(data).digest();
  return Buffer.concat([hash(application), Buffer.of(flags), wireU32(counter), hash(message)]);
}

/** Converts concatenated r and s to SSH's two mpints (RFC 5656, section 3.1.2). */
function splitPair(pair: Buffer, { bytes }: Curve): Buffer {
  return Buffer.concat([wireMpint(pair.subarray(0, bytes)), wireMpint(pair.subarray(bytes))]);
}

function joinPair(value: Buffer, { bytes }: Curve, malformed: Malformed): Buffer {
  const reader = new WireReader(value, malformed);
  const next = () => {
    const magnitude = reader.readMpint(bytes);
    return Buffer.concat([Buffer.alloc(bytes - magnitude.length), magnitude]);
  };
  const pair = Buffer.concat([next(), next()]);
  reader.expectEnd();
  return pair;
}

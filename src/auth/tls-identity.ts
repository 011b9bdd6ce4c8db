import { createHash, createPublicKey, sign, X509Certificate } from 'node:crypto';
import { RexaError } from '../protocol/errors.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { findExtension } from './der-reader.ts';
import {
  derBitString,
  derBoolean,
  derExplicit,
  derGeneralizedTime,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derSet,
  derUtcTime,
  derUtf8,
} from './der-writer.ts';
import { fromKeyObject } from './key-object.ts';
import type { PrivateKey } from './private-key.ts';
import { fingerprint, isSameKey, type PublicKey } from './public-key.ts';

const OID = {
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  ed25519: '1.3.101.112',
  rsaSha256: '1.2.840.113549.1.1.11',
  ecdsaSha256: '1.2.840.10045.4.3.2',
  ecdsaSha384: '1.2.840.10045.4.3.3',
  ecdsaSha512: '1.2.840.10045.4.3.4',
  /** An OpenSSH certificate of the host's key: 2.25 and the UUID 7d37ce8f-2137-476a-bdb7-ed9060f73974 (X.667). */
  hostCertificate: '2.25.166443265316619324917681672672513571188',
} as const;

const ECDSA_OIDS = { sha256: OID.ecdsaSha256, sha384: OID.ecdsaSha384, sha512: OID.ecdsaSha512 } as const;

/** The key and certificate of a TLS server, in PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

/**
 * Converts a host key for TLS: PKCS#8, and a self-signed certificate (RFC 5280). Clients use only the key in it, so the other
 * fields are constant: valid from 1970 to 9999. With Ed25519 the certificate is always the same.
 * @param hostCertificate the OpenSSH certificate of the key; null: it has none
 */
export function makeTlsIdentity(
  { keyObject, publicKey }: PrivateKey,
  hostCertificate: Uint8Array | null = null,
): TlsIdentity {
  const { algorithm, hash } = chooseAlgorithm(publicKey);
  const name = derSequence(
    derSet(derSequence(derOid(OID.commonName), derUtf8(`rexad ${fingerprint(publicKey)}`))),
  );
  const spki = createPublicKey(keyObject).export({ type: 'spki', format: 'der' });
  const body = derSequence(
    derExplicit(0, derInteger(Buffer.of(2))), // version 3
    derInteger(makeSerial(publicKey)),
    algorithm,
    name,
    derSequence(derUtcTime('700101000000Z'), derGeneralizedTime('99991231235959Z')),
    name,
    spki,
    // Not a certificate authority
    derExplicit(
      3,
      derSequence(
        derSequence(derOid(OID.basicConstraints), derBoolean(true), derOctetString(derSequence())),
        ...(hostCertificate === null
          ? []
          : [derSequence(derOid(OID.hostCertificate), derOctetString(hostCertificate))]),
      ),
    ),
  );
  const certificate = derSequence(body, algorithm, derBitString(sign(hash, body, keyObject)));
  return {
    key: keyObject.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: new X509Certificate(certificate).toString(),
  };
}

function chooseAlgorithm({ material }: PublicKey): { algorithm: Buffer; hash: string | null } {
  switch (material.family) {
    case 'ed25519':
      return { algorithm: derSequence(derOid(OID.ed25519)), hash: null };
    case 'ecdsa':
      return { algorithm: derSequence(derOid(ECDSA_OIDS[material.curve.hash])), hash: material.curve.hash };
    case 'rsa':
      return { algorithm: derSequence(derOid(OID.rsaSha256), derNull()), hash: 'sha256' };
    default:
      return material satisfies never;
  }
}

/** Returns a serial number of 16 bytes from the key's hash: as unique as a random one, and deterministic. */
function makeSerial({ blob }: PublicKey): Buffer {
  const serial = createHash('sha256').update(blob).digest().subarray(0, 16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

/** What a host has shown of itself. */
export interface ShownHost {
  /** Its SSH public key, for pins, known_hosts and proofs. */
  readonly key: PublicKey;
  /** The OpenSSH certificate of that key, not validated; null: none, or not one for this key. */
  readonly certificate: Certificate | null;
}

/**
 * Returns the key, and the OpenSSH certificate, in a host's TLS certificate.
 * @param raw the certificate in DER (`getPeerX509Certificate().raw`)
 * @throws RexaError KEY_MALFORMED, KEY_UNSUPPORTED
 */
export function readShownHost(raw: Uint8Array): ShownHost {
  const key = readHostCertificate(raw);
  return { key, certificate: readCertificateOf(key, Buffer.from(raw)) };
}

/** One that cannot be read counts as none: the host's key is judged by itself. */
function readCertificateOf(key: PublicKey, raw: Buffer): Certificate | null {
  const blob = findExtension(raw, derOid(OID.hostCertificate));
  if (blob === null) return null;
  try {
    const certificate = readCertificate(blob, "the host's OpenSSH certificate");
    return isSameKey(certificate.key, key) ? certificate : null;
  } catch (error) {
    if (error instanceof RexaError) return null;
    throw error;
  }
}

/**
 * Returns the SSH public key of a host's certificate, for pins, known_hosts and proofs.
 * @param raw the certificate in DER (`getPeerX509Certificate().raw`)
 * @throws RexaError KEY_MALFORMED, KEY_UNSUPPORTED
 */
export function readHostCertificate(raw: Uint8Array): PublicKey {
  const name = "the host's certificate";
  try {
    return fromKeyObject(new X509Certificate(raw).publicKey, name);
  } catch (cause) {
    if (cause instanceof RexaError) throw cause;
    throw new RexaError('KEY_MALFORMED', [name, 'it cannot be read'], { cause });
  }
}

import { createHash } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import type { OfferedKey } from './offered-key.ts';

/** Revoked keys and certificates. Keys are represented by their hashes in hexadecimal. */
export interface Revocations {
  readonly sha256: ReadonlySet<string>;
  readonly sha1: ReadonlySet<string>;
  /** Certificates by their contents. */
  readonly byAuthority: readonly RevokedCertificates[];
}

/** Revoked certificates of one authority (null: of any). */
export interface RevokedCertificates {
  readonly authority: Buffer | null;
  readonly keyIds: ReadonlySet<string>;
  /** Each returns whether it contains a serial number. */
  readonly serials: readonly ((serial: bigint) => boolean)[];
}

export const NOTHING_REVOKED: Revocations = {
  sha256: new Set(),
  sha1: new Set(),
  byAuthority: [],
};

/** Returns why an offered key is revoked (itself, its certificate, or its authority); null if it is not. */
export function findRevocation(
  revocations: Revocations,
  { key, certificate }: Pick<OfferedKey, 'key' | 'certificate'>,
): string | null {
  if (isKeyRevoked(revocations, key)) return 'the key is revoked';
  if (certificate === null) return null;
  if (isKeyRevoked(revocations, certificate.authority)) return 'the authority of its certificate is revoked';
  return isCertificateRevoked(revocations, certificate) ? 'its certificate is revoked' : null;
}

function isKeyRevoked({ sha256, sha1 }: Revocations, { blob }: { blob: Buffer }): boolean {
  return sha256.has(hashBlob('sha256', blob)) || (sha1.size > 0 && sha1.has(hashBlob('sha1', blob)));
}

function isCertificateRevoked({ byAuthority }: Revocations, certificate: Certificate): boolean {
  return byAuthority.some(
    ({ authority, keyIds, serials }) =>
      (authority === null || authority.equals(certificate.authority.blob)) &&
      (keyIds.has(certificate.keyId) ||
        // As in OpenSSH, authorities that do not number their certificates use zero.
        (certificate.serial !== 0n && serials.some((holds) => holds(certificate.serial)))),
  );
}

/** Returns the form of keys in {@link Revocations}. */
export function hashBlob(algorithm: 'sha1' | 'sha256', blob: Buffer): string {
  return createHash(algorithm).update(blob).digest('hex');
}

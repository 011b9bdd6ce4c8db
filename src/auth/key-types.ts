/** The supported OpenSSH key types, by their names on the wire and in files. */
export type KeyType =
  | 'ssh-ed25519'
  | 'ecdsa-sha2-nistp256'
  | 'ecdsa-sha2-nistp384'
  | 'ecdsa-sha2-nistp521'
  | 'ssh-rsa'
  | 'sk-ssh-ed25519@openssh.com'
  | 'sk-ecdsa-sha2-nistp256@openssh.com';

/** An elliptic curve with its three names. */
export interface Curve {
  /** In RFC 5656. */
  readonly ssh: string;
  /** In RFC 7518. */
  readonly jwk: string;
  /** In OpenSSL. */
  readonly openssl: string;
  /** The hash of signatures on this curve (RFC 5656, section 6.2.1). */
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  /** Size in bytes of a coordinate. */
  readonly bytes: number;
}

const P256: Curve = { ssh: 'nistp256', jwk: 'P-256', openssl: 'prime256v1', hash: 'sha256', bytes: 32 };
const P384: Curve = { ssh: 'nistp384', jwk: 'P-384', openssl: 'secp384r1', hash: 'sha384', bytes: 48 };
const P521: Curve = { ssh: 'nistp521', jwk: 'P-521', openssl: 'secp521r1', hash: 'sha512', bytes: 66 };

export type KeyFamily =
  | { readonly family: 'ed25519' }
  | { readonly family: 'ecdsa'; readonly curve: Curve }
  | { readonly family: 'rsa' };

/** The structure of a key type. */
export interface KeyTypeRow {
  readonly type: KeyType;
  readonly of: KeyFamily;
  /** The key is in a FIDO token: it has an application, and its signatures have flags and a counter. */
  readonly securityKey: boolean;
  /** The type of certificates for such keys (PROTOCOL.certkeys). */
  readonly certificateType: string;
}

/** All supported key types. */
export const KEY_TYPES: readonly KeyTypeRow[] = [
  row('ssh-ed25519', { family: 'ed25519' }),
  row('ecdsa-sha2-nistp256', { family: 'ecdsa', curve: P256 }),
  row('ecdsa-sha2-nistp384', { family: 'ecdsa', curve: P384 }),
  row('ecdsa-sha2-nistp521', { family: 'ecdsa', curve: P521 }),
  row('ssh-rsa', { family: 'rsa' }),
  row('sk-ssh-ed25519@openssh.com', { family: 'ed25519' }),
  row('sk-ecdsa-sha2-nistp256@openssh.com', { family: 'ecdsa', curve: P256 }),
];

const byType = new Map<string, KeyTypeRow>(KEY_TYPES.map((entry) => [entry.type, entry]));
const byCertificateType = new Map<string, KeyTypeRow>(
  KEY_TYPES.map((entry) => [entry.certificateType, entry]),
);

export function findKeyType(type: string): KeyTypeRow | null {
  return byType.get(type) ?? null;
}

/** Returns the type of the key inside certificates of this type. */
export function findCertificateType(type: string): KeyTypeRow | null {
  return byCertificateType.get(type) ?? null;
}

export function findCurve(name: string): Curve | null {
  return [P256, P384, P521].find((curve) => curve.openssl === name || curve.ssh === name) ?? null;
}

function row(type: KeyType, of: KeyFamily): KeyTypeRow {
  return {
    type,
    of,
    securityKey: type.startsWith('sk-'),
    certificateType: `${type.replace('@openssh.com', '')}-cert-v01@openssh.com`,
  };
}

import path from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { loadHostKey } from '../../auth/host-key.ts';
import { readOwnCertificate } from '../../auth/own-certificate.ts';
import type { PrivateKey } from '../../auth/private-key.ts';
import { fingerprint, isSameKey, type PublicKey } from '../../auth/public-key.ts';
import { makeTlsIdentity } from '../../auth/tls-identity.ts';
import { hostKeyPlace } from '../../places/login-files.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_HOST_KEYS } from '../../protocol/limits.ts';

/** What this host proves itself with. */
export interface HostIdentity {
  readonly key: PrivateKey;
  /** Further keys, which clients learn after a login. */
  readonly others: readonly PrivateKey[];
  readonly publicKey: PublicKey;
  readonly fingerprint: string;
  /** TLS 1.3 alone, with the host's own certificate. */
  readonly context: SecureContext;
  /** Null: the key is in memory alone. */
  readonly file: string | null;
  /** The key was made just now. */
  readonly isNew: boolean;
  /** Why clients refuse its certificate now; null: they do not, or there is none. */
  readonly certificateProblem: RexaError | null;
}

/**
 * Reads the key of this host, or takes the one that is given.
 * @param source its file, and those of further keys; none: the default place, in a folder that no other user may enter
 * @param certificateFile of an OpenSSH certificate for it; null: none
 * @throws RexaError HOST_KEYS_TOO_MANY, HOST_CERTIFICATE_UNUSABLE, AUTH_FILE_UNSAFE, AUTH_FILE_UNREADABLE, AUTH_FILE_UNWRITABLE, KEY_MALFORMED, KEY_UNSUPPORTED,
 * KEY_PASSPHRASE_NEEDED
 */
export async function openHostIdentity(
  source: PrivateKey | readonly string[],
  certificateFile: string | null,
): Promise<HostIdentity> {
  const { key, created, file } = await findKey(source);
  const others = Array.isArray(source) ? await readOthers(source.slice(1), key) : [];
  checkHostKeyCount(1 + others.length);
  const own = certificateFile === null ? null : await readOwnCertificate(certificateFile, key.publicKey);
  const context = createSecureContext({
    ...makeTlsIdentity(key, own?.certificate.blob),
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    // No authority is ever asked: the system's list costs milliseconds to load.
    ca: [],
  });
  return {
    key,
    others,
    publicKey: key.publicKey,
    fingerprint: fingerprint(key.publicKey),
    context,
    file,
    isNew: created,
    certificateProblem: own?.problem ?? null,
  };
}

/** Refuses more keys than clients take in the hello. @throws RexaError HOST_KEYS_TOO_MANY */
export function checkHostKeyCount(keys: number): void {
  if (keys > MAX_HOST_KEYS) throw new RexaError('HOST_KEYS_TOO_MANY', [keys, MAX_HOST_KEYS]);
}

async function findKey(source: PrivateKey | readonly string[]) {
  if ('publicKey' in source) return { key: source, created: true, file: null };
  const [named] = source;
  const file = named === undefined ? hostKeyPlace() : path.resolve(named);
  return { ...(await loadHostKey(file, named === undefined ? 'private' : 'trusted')), file };
}

/** A key that is named twice counts once. */
async function readOthers(files: readonly string[], served: PrivateKey): Promise<readonly PrivateKey[]> {
  const keys = [served];
  for (const file of files) {
    const { key } = await loadHostKey(path.resolve(file), 'trusted');
    if (!keys.some(({ publicKey }) => isSameKey(publicKey, key.publicKey))) keys.push(key);
  }
  return keys.slice(1);
}

import path from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { loadHostKey } from '../../auth/host-key.ts';
import { readOwnCertificate } from '../../auth/own-certificate.ts';
import type { PrivateKey } from '../../auth/private-key.ts';
import { fingerprint, type PublicKey } from '../../auth/public-key.ts';
import { makeTlsIdentity } from '../../auth/tls-identity.ts';
import { hostKeyPlace } from '../../places/login-files.ts';
import type { RexaError } from '../../protocol/errors.ts';

/** What this host proves itself with. */
export interface HostIdentity {
  readonly key: PrivateKey;
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
 * @param source its file; null: the default place, in a folder that no other user may enter
 * @param certificateFile of an OpenSSH certificate for it; null: none
 * @throws RexaError HOST_CERTIFICATE_UNUSABLE, AUTH_FILE_UNSAFE, AUTH_FILE_UNREADABLE, AUTH_FILE_UNWRITABLE, KEY_MALFORMED, KEY_UNSUPPORTED,
 * KEY_PASSPHRASE_NEEDED
 */
export async function openHostIdentity(
  source: PrivateKey | string | null,
  certificateFile: string | null,
): Promise<HostIdentity> {
  const { key, created, file } = await findKey(source);
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
    publicKey: key.publicKey,
    fingerprint: fingerprint(key.publicKey),
    context,
    file,
    isNew: created,
    certificateProblem: own?.problem ?? null,
  };
}

async function findKey(source: PrivateKey | string | null) {
  if (source !== null && typeof source !== 'string') return { key: source, created: true, file: null };
  const file = source === null ? hostKeyPlace() : path.resolve(source);
  return { ...(await loadHostKey(file, source === null ? 'private' : 'trusted')), file };
}

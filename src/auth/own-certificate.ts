import { RexaError } from '../protocol/errors.ts';
import { MAX_PRIVATE_KEY_FILE_BYTES } from '../protocol/limits.ts';
import type { Certificate } from './certificate.ts';
import { checkForHost } from './check-host-certificate.ts';
import { readGuardedFile } from './guarded-file.ts';
import { parseOfferedKey } from './offered-key.ts';
import { fingerprint, isSameKey, type PublicKey } from './public-key.ts';

/** A certificate that a daemon presents, and why clients refuse it now: it has expired, or is not valid yet, or names no host. */
export interface OwnCertificate {
  readonly certificate: Certificate;
  readonly problem: RexaError | null;
}

/**
 * Reads the certificate that a daemon presents for its host key.
 * @param key the host key; null: not there yet, and not compared
 * @throws RexaError HOST_CERTIFICATE_UNUSABLE, AUTH_FILE_UNREADABLE, AUTH_FILE_TOO_LARGE
 */
export async function readOwnCertificate(file: string, key: PublicKey | null): Promise<OwnCertificate> {
  const unusable = (reason: string): RexaError => new RexaError('HOST_CERTIFICATE_UNUSABLE', [file, reason]);
  const content = await readGuardedFile(file, { kind: 'public', maxBytes: MAX_PRIVATE_KEY_FILE_BYTES });
  if (content === null || content === 'unchanged') throw unusable('there is no such file');
  try {
    const { offered } = parseOfferedKey(content.bytes.toString('latin1').trim(), file);
    if (offered.certificate === null) throw unusable('it is a key, not a certificate');
    if (key !== null && !isSameKey(offered.key, key))
      throw unusable(`it is for the key ${fingerprint(offered.key)}, and the host has ${fingerprint(key)}`);
    if (offered.certificate.kind !== 'host') throw unusable('it is for a user');
    return { certificate: offered.certificate, problem: findProblem(offered.certificate) };
  } catch (error) {
    if (!(error instanceof RexaError) || error.code === 'HOST_CERTIFICATE_UNUSABLE') throw error;
    throw unusable(error.message);
  }
}

function findProblem(certificate: Certificate): RexaError | null {
  try {
    checkForHost(certificate, null, Date.now() / 1000);
    return null;
  } catch (error) {
    if (error instanceof RexaError) return error;
    throw error;
  }
}

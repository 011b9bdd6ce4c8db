import { RexaError } from '../protocol/errors.ts';
import { readGuardedFile } from './guarded-file.ts';
import { findCertificateType, findKeyType } from './key-types.ts';
import { isKrl, readKrl } from './krl.ts';
import { MAX_REVOCATIONS_BYTES } from './limits.ts';
import { type OfferedKey, peekType, readOfferedKey } from './offered-key.ts';
import { splitKeyText } from './public-key.ts';
import { findRevocation, hashBlob, NOTHING_REVOKED, type Revocations } from './revocations.ts';
import { splitLines } from './split-lines.ts';

/**
 * Parses a file of revoked keys: a KRL made by `ssh-keygen -k`, or text with one public key or certificate per line, where
 * a certificate stands for its key. If the file cannot be parsed completely, the caller must refuse all logins.
 * @param path the file's name in messages
 * @throws RexaError AUTH_REVOCATIONS_MALFORMED
 */
export function readRevocations(bytes: Buffer, path: string): Revocations {
  if (isKrl(bytes)) return readKrl(bytes, path);
  const sha256 = new Set<string>();
  for (const line of splitLines(bytes)) {
    const text = Buffer.from(line.bytes).toString('latin1').trim();
    if (text === '' || text.startsWith('#')) continue;
    const offered = readRevokedLine(text, `${path}:${line.number}`);
    // As sshd: a certificate revokes its key. Its own blob has a signature, which others can vary.
    if (offered !== null) sha256.add(hashBlob('sha256', offered.key.blob));
  }
  return { ...NOTHING_REVOKED, sha256 };
}

/**
 * Returns the first of some files of revoked keys that has a key, its certificate or the authority of that; null if none has. Such files are trusted as known_hosts
 * is not: as in ssh, anybody may own them.
 * @throws RexaError AUTH_FILE_UNREADABLE, AUTH_FILE_TOO_LARGE, AUTH_REVOCATIONS_MALFORMED: then the key is not to be used
 */
export async function findRevokingFile(
  files: readonly string[],
  shown: Pick<OfferedKey, 'key' | 'certificate'>,
): Promise<string | null> {
  for (const file of files) {
    const content = await readGuardedFile(file, { kind: 'public', maxBytes: MAX_REVOCATIONS_BYTES });
    if (content === null || content === 'unchanged')
      throw new RexaError('AUTH_FILE_UNREADABLE', [file, 'there is no such file']);
    if (findRevocation(readRevocations(content.bytes, file), shown) !== null) return file;
  }
  return null;
}

/** Returns null for a key of a type that rexa never accepts. */
function readRevokedLine(text: string, where: string): OfferedKey | null {
  try {
    const { type, blob } = splitKeyText(text, where);
    if (peekType(blob, where) !== type) {
      throw new RexaError('KEY_MALFORMED', [where, 'its declared type is not the encoded one']);
    }
    if (findKeyType(type) === null && findCertificateType(type) === null) return null;
    return readOfferedKey(blob, where);
  } catch (cause) {
    // A key that is too short is never accepted and need not be revoked.
    if (cause instanceof RexaError && cause.code === 'KEY_UNSUPPORTED') return null;
    const reason = cause instanceof Error ? cause.message : '';
    throw new RexaError('AUTH_REVOCATIONS_MALFORMED', [where, reason], { cause });
  }
}

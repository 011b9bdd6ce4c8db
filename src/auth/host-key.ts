import { generateKeyPairSync, randomInt } from 'node:crypto';
import path from 'node:path';
import { RexaError } from '../protocol/errors.ts';
import { MAX_PRIVATE_KEY_FILE_BYTES } from '../protocol/limits.ts';
import { readGuardedFile } from './guarded-file.ts';
import { fromKeyObject } from './key-object.ts';
import { formatEd25519Key } from './openssh-key.ts';
import type { PrivateKey } from './private-key.ts';
import { readPrivateKey } from './read-private-key.ts';
import { createFile, makeFolder } from './write-file.ts';

/**
 * Loads the host key from the file, or generates a new Ed25519 key and saves it there (OpenSSH's format, mode 0600). Two
 * daemons that start at the same time get the same key.
 * @param folder `private` for a folder of rexa, not accessible to others; `trusted` for one with other files too
 * (`--host-key /etc/ssh/ssh_host_ed25519_key`), not writable by others
 * @throws RexaError AUTH_FILE_UNSAFE, AUTH_FILE_UNREADABLE, AUTH_FILE_UNWRITABLE, KEY_MALFORMED, KEY_UNSUPPORTED,
 * KEY_PASSPHRASE_NEEDED (a host key must not have one)
 */
export async function loadHostKey(
  file: string,
  folder: 'private' | 'trusted',
): Promise<{ readonly key: PrivateKey; readonly created: boolean }> {
  await makeFolder(path.dirname(file), folder);
  const existing = await findHostKey(file);
  if (existing !== null) return { key: existing, created: false };
  const created = await createFile(file, formatHostKey(generateHostKey()));
  const key = await findHostKey(file);
  if (key === null) throw new RexaError('AUTH_FILE_UNREADABLE', [file, 'it is gone again']);
  return { key, created };
}

/** Returns the key in the file; null if there is none yet. @throws RexaError as {@link loadHostKey} */
export async function findHostKey(file: string): Promise<PrivateKey | null> {
  const content = await readGuardedFile(file, { kind: 'private', maxBytes: MAX_PRIVATE_KEY_FILE_BYTES });
  return content === null || content === 'unchanged'
    ? null
    : readPrivateKey(content.bytes.toString('latin1'), file);
}

/** Generates an Ed25519 key without saving it. */
export function generateHostKey(): PrivateKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: fromKeyObject(privateKey, 'the new host key'),
    keyObject: privateKey,
    comment: 'rexad',
  };
}

function formatHostKey({ keyObject, publicKey, comment }: PrivateKey): string {
  return formatEd25519Key(keyObject, publicKey, comment, randomInt(2 ** 32));
}

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
 * The host's key: the one in the file, else a new one of type Ed25519, which is kept there (OpenSSH's format, mode
 * 0600). Two daemons that start at once end up with the same key.
 * @param folder `private` for a folder of rexa's own, which nobody else may enter; `trusted` for one that holds other
 * things too (`--host-key /etc/ssh/ssh_host_ed25519_key`), which nobody else may write to
 * @throws RexaError AUTH_FILE_UNSAFE, AUTH_FILE_UNREADABLE, AUTH_FILE_UNWRITABLE, KEY_MALFORMED, KEY_UNSUPPORTED,
 * KEY_PASSPHRASE_NEEDED (a host's key has none)
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

/** Makes a new key of type Ed25519, which is kept nowhere. */
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

import { readGuardedFile } from '../../auth/guarded-file.ts';
import { type PublicKey, parsePublicKey } from '../../auth/public-key.ts';
import { summarizePrivateKey } from '../../auth/read-private-key.ts';
import { expandHome } from '../../places/home-folder.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_AUTHORIZED_KEYS_BYTES } from '../../protocol/limits.ts';
import { listLines, readStdin } from './read-words.ts';

/** A key and the comment behind it. */
interface NamedKey {
  readonly key: PublicKey;
  readonly comment: string;
}

/**
 * Reads all public keys of a file, or of stdin for `-`, or none: one that is broken stops the others.
 * @throws RexaError AUTH_FILE_*, KEY_MALFORMED, KEY_UNSUPPORTED
 */
export async function readPublicKeys(from: string): Promise<readonly NamedKey[]> {
  const whole = from === '-' ? await readStdin() : await readPublicFile(expandHome(from));
  if (whole.includes('-----BEGIN ')) return [ofPrivateKey(whole, from)];
  return listLines(whole).map((line) => parsePublicKey(line, from === '-' ? 'on stdin' : from));
}

async function readPublicFile(file: string): Promise<string> {
  const content = await readGuardedFile(file, { kind: 'public', maxBytes: MAX_AUTHORIZED_KEYS_BYTES });
  if (content === null || content === 'unchanged')
    throw new RexaError('AUTH_FILE_UNREADABLE', [file, 'there is no such file']);
  return content.bytes.toString('utf8');
}

/** The name of a private key stands for the public key beside it. */
function ofPrivateKey(whole: string, name: string): NamedKey {
  const { publicKey } = summarizePrivateKey(whole, name);
  if (publicKey === null)
    throw new RexaError('KEY_UNSUPPORTED', [name, `its public key is encrypted; use ${name}.pub`]);
  return { key: publicKey, comment: '' };
}

import path from 'node:path';
import { parseAuthorizedKeys } from '../../auth/authorized-line.ts';
import { readGuardedFile } from '../../auth/guarded-file.ts';
import { isSameKey, type PublicKey } from '../../auth/public-key.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_AUTHORIZED_KEYS_BYTES } from '../../protocol/limits.ts';

/**
 * Where sshd's own file lets a key in, which rexad asks behind its own: `FILE:LINE`. What is demanded of a key in the one
 * (`from=`, `expiry-time=`) keeps nobody out whom the other lets in. Null: nowhere, as far as it can be read.
 */
export async function findInSshFile(key: PublicKey): Promise<string | null> {
  const file = path.join(homeFolder(), '.ssh', 'authorized_keys');
  try {
    const content = await readGuardedFile(file, { kind: 'public', maxBytes: MAX_AUTHORIZED_KEYS_BYTES });
    if (content === null || content === 'unchanged') return null;
    const lines = parseAuthorizedKeys(content.bytes, file);
    return lines.find((line) => line.kind === 'key' && isSameKey(line.key, key))?.where ?? null;
  } catch (error) {
    if (error instanceof RexaError) return null;
    throw error;
  }
}

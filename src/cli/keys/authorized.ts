import { type AuthorizedLine, parseAuthorizedKeys } from '../../auth/authorized-line.ts';
import { readGuardedFile } from '../../auth/guarded-file.ts';
import { findLoginObstacle } from '../../auth/login-obstacle.ts';
import { fingerprint } from '../../auth/public-key.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_AUTHORIZED_KEYS_BYTES } from '../../protocol/limits.ts';

/** What a file says of who may log in. */
export interface AuthorizedFile {
  readonly file: string;
  readonly lines: readonly AuthorizedLine[];
  /** Why rexad accepts no key of it. */
  readonly problem: RexaError | null;
}

/** Reads an authorized_keys file as rexad does, guards included. Never throws a RexaError. */
export async function readAuthorized(file: string): Promise<AuthorizedFile> {
  try {
    const guard = { kind: 'trusted', maxBytes: MAX_AUTHORIZED_KEYS_BYTES, home: homeFolder() } as const;
    const content = await readGuardedFile(file, guard);
    const lines = content === null || content === 'unchanged' ? [] : parseAuthorizedKeys(content.bytes, file);
    return { file, lines: lines.map(excludeUseless), problem: null };
  } catch (error) {
    if (error instanceof RexaError) return { file, lines: [], problem: error };
    throw error;
  }
}

/** A line that rexad refuses for every client address is reported like an invalid one. */
function excludeUseless(line: AuthorizedLine): AuthorizedLine {
  const obstacle = line.kind === 'key' ? findLoginObstacle(line.options, Date.now() / 1000) : null;
  if (line.kind !== 'key' || obstacle === null) return line;
  const { where, key } = line;
  const problem = new RexaError('AUTH_LINE_REFUSES', [where, fingerprint(key), obstacle]);
  return { kind: 'unusable', where, key, problem };
}

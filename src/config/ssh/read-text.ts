import type { Stats } from 'node:fs';
import { MAX_CONFIG_BYTES } from '../limits.ts';
import { invalid } from './config-error.ts';
import { isPrivateGroup } from './private-group.ts';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_OTHERS = 0o002;

/** Which checks a file needs. */
export interface TextGuard {
  readonly origin: 'given' | 'user' | 'system';
  readonly isIncluded: boolean;
}

/**
 * Reads a file of ssh_config(5). As in ssh, the user's own file and every included one must belong to root or to this user,
 * and nobody else may write to them.
 * @returns null for a folder, which is empty for ssh, a default file that cannot be read, and an included one that is gone
 * @throws RexaError SSH_CONFIG_INVALID
 */
export function readConfigText(file: string, { origin, isIncluded }: TextGuard): Uint8Array | null {
  const fs = process.getBuiltinModule('node:fs');
  let descriptor: number | null = null;
  try {
    descriptor = fs.openSync(file, 'r');
    const status = fs.fstatSync(descriptor);
    if (isIncluded || origin === 'user') checkOwner(file, status);
    if (status.isDirectory()) return null;
    if (status.size > MAX_CONFIG_BYTES) throw invalid(`${file} has more than ${MAX_CONFIG_BYTES} bytes`);
    return fs.readFileSync(descriptor);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'SSH_CONFIG_INVALID') throw error;
    if (isIncluded ? code === 'ENOENT' : origin !== 'given') return null;
    throw invalid(`Can't open user config file ${file}: ${(error as Error).message}`);
  } finally {
    if (descriptor !== null) fs.closeSync(descriptor);
  }
}

function checkOwner(file: string, { uid, gid, mode }: Stats): void {
  const own = process.getuid?.();
  if (own === undefined) return;
  if (uid !== 0 && uid !== own) throw invalid(`Bad owner or permissions on ${file}`);
  // As in Debian, where each user has a group alone and may have a umask of 002
  const isOpenToGroup = (mode & WRITABLE_BY_GROUP) !== 0 && !isPrivateGroup(gid, uid);
  if ((mode & WRITABLE_BY_OTHERS) !== 0 || isOpenToGroup)
    throw invalid(`Bad owner or permissions on ${file}; run chmod go-w on it`);
}

import { type UserInfo, userInfo } from 'node:os';
import path from 'node:path';
import { RexaError } from '../protocol/errors.ts';

/**
 * Returns the home folder of our user: `$HOME`, else the one of the user database. Unlike `os.homedir` it takes no empty or
 * relative `$HOME`, whose files would land in whatever folder we were started in.
 * @throws RexaError HOME_UNKNOWN
 */
export function homeFolder(): string {
  const chosen = process.env['HOME'];
  if (chosen !== undefined && path.isAbsolute(chosen)) return chosen;
  const folder = lookUp()?.homedir ?? '';
  if (path.isAbsolute(folder)) return folder;
  throw new RexaError('HOME_UNKNOWN', [process.getuid?.() ?? '']);
}

/** Returns the home folder of a user by name, as passwd(5) has it; null: there is no such user. */
export function homeFolderOf(name: string): string | null {
  const users = process.getBuiltinModule('node:fs').readFileSync('/etc/passwd', 'utf8').split('\n');
  const found = users.map((line) => line.split(':')).find(([each]) => each === name);
  return found?.[5] ?? null;
}

/** Returns a path in which `~/` is our own home folder. */
export function expandHome(file: string): string {
  return file.startsWith('~/') ? path.join(homeFolder(), file.slice(2)) : file;
}

/** Returns the absolute path of a file that another file in `folder` names: relative to that, or in our home folder. */
export function resolveNamed(file: string, folder: string): string {
  return path.resolve(folder, expandHome(file));
}

/** Returns the name of our user; the number where the user database has no entry for it, as in containers. */
export function userName(): string {
  return lookUp()?.username ?? String(process.getuid?.() ?? '');
}

function lookUp(): UserInfo<string> | null {
  try {
    return userInfo();
  } catch {
    return null;
  }
}

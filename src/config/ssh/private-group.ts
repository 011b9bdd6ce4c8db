/** The user database, as getent(1) prints it. */
export interface UserDatabase {
  /** Of passwd(5). */
  readonly users: string;
  /** Of group(5). */
  readonly groups: string;
}

/**
 * Returns whether a group has no other member than a user, as the group that Debian makes for each user. A group that is not
 * in the files of this system may have any members.
 */
export function isPrivateGroup(
  gid: number,
  uid: number,
  { users, groups }: UserDatabase = readDatabase(),
): boolean {
  const accounts = readRows(users);
  const own = accounts.filter(([, , id]) => id === String(uid)).map(([name]) => name);
  const group = readRows(groups).find(([, , id]) => id === String(gid));
  if (group === undefined || own.length === 0) return false;
  const listed = (group[3] ?? '').split(',').filter((name) => name !== '');
  const primary = accounts.filter(([, , , id]) => id === String(gid)).map(([name]) => name);
  return [...listed, ...primary].every((name) => own.includes(name));
}

function readRows(text: string): readonly (readonly string[])[] {
  return text.split('\n').map((line) => line.split(':'));
}

function readDatabase(): UserDatabase {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  try {
    return { users: readFileSync('/etc/passwd', 'utf8'), groups: readFileSync('/etc/group', 'utf8') };
  } catch {
    return { users: '', groups: '' };
  }
}

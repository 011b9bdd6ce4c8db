import type { Stats } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { RexaError } from '../protocol/errors.ts';

/** Others may read or use what should be ours alone. */
const FOR_OTHERS = 0o077;
/** Others may change it. */
const WRITABLE_BY_OTHERS = 0o022;

/** Of folders like /tmp: all may write, and each removes only what is theirs. */
const STICKY = 0o1000;

/** Who may own a file that is trusted: the superuser, and this one. */
const ROOT = 0;

/** The user that this process acts as; null where the system has no such numbers. */
export function ownUid(): number | null {
  return process.geteuid?.() ?? null;
}

/**
 * A file or folder that holds a secret: its owner is ours, nobody else may read it.
 * @throws RexaError AUTH_FILE_UNSAFE, with the command that mends it
 */
export function checkPrivate(file: string, status: Stats, uid: number | null): void {
  if (uid === null) return;
  checkOwner(file, status, uid);
  if ((status.mode & FOR_OTHERS) !== 0) {
    const mode = status.isDirectory() ? '700' : '600';
    throw unsafe(file, `others may use it (its mode is ${showMode(status)})`, `chmod ${mode} ${quote(file)}`);
  }
}

/**
 * A user's own secret: private as above, but the superuser may use anybody's, as a container does with the keys that
 * are lent to it.
 * @throws RexaError AUTH_FILE_UNSAFE, with the command that mends it
 */
export function checkPersonal(file: string, status: Stats, uid: number | null): void {
  checkPrivate(file, status, uid === ROOT ? status.uid : uid);
}

/**
 * A file or folder whose content is believed: its owner is ours, nobody else may write it.
 * @throws RexaError AUTH_FILE_UNSAFE, with the command that mends it
 */
export function checkTrusted(file: string, status: Stats, uid: number | null): void {
  if (uid === null) return;
  checkOwner(file, status, uid);
  if ((status.mode & WRITABLE_BY_OTHERS) !== 0) {
    const isShared = (status.mode & STICKY) !== 0;
    const mending = isShared
      ? 'another folder, since this one is meant for all'
      : `chmod go-w ${quote(file)}`;
    throw unsafe(file, `others may write to it (its mode is ${showMode(status)})`, mending);
  }
}

/**
 * A folder as above, or one like /tmp that root owns, where nobody can replace the files of others.
 * @throws RexaError AUTH_FILE_UNSAFE, with the command that mends it
 */
export function checkShared(folder: string, status: Stats, uid: number | null): void {
  if (status.isDirectory() && (status.mode & STICKY) !== 0 && uid !== null) checkOwner(folder, status, uid);
  else checkTrusted(folder, status, uid);
}

/**
 * Checks the folders above a file as sshd's StrictModes does: in none of them may others put another file in its
 * place. It goes up to the root, or to `home` if the file is beneath it.
 * @param file an absolute path without symbolic links
 * @param check what each folder must be
 * @throws RexaError AUTH_FILE_UNSAFE, AUTH_FILE_UNREADABLE
 */
export async function checkParents(
  file: string,
  home: string | null,
  uid: number | null,
  check: typeof checkTrusted = checkTrusted,
): Promise<void> {
  if (uid === null) return;
  let folder = path.dirname(file);
  for (;;) {
    check(folder, await readStatus(folder), uid);
    const parent = path.dirname(folder);
    if (folder === home || folder === parent) return;
    folder = parent;
  }
}

async function readStatus(file: string): Promise<Stats> {
  try {
    return await fs.stat(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function checkOwner(file: string, status: Stats, uid: number): void {
  if (status.uid === ROOT || status.uid === uid) return;
  throw unsafe(file, `it belongs to uid ${status.uid}, not to uid ${uid}`, `chown ${uid} ${quote(file)}`);
}

function unsafe(file: string, reason: string, mending: string): RexaError {
  return new RexaError('AUTH_FILE_UNSAFE', [file, reason, mending]);
}

export function unreadable(file: string, cause: unknown): RexaError {
  return new RexaError(
    'AUTH_FILE_UNREADABLE',
    [file, cause instanceof Error ? cause.message : String(cause)],
    {
      cause,
    },
  );
}

function showMode({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** A path as a shell takes it. */
function quote(file: string): string {
  return /^[A-Za-z0-9/._~-]+$/.test(file) && !file.startsWith('-')
    ? file
    : `'${file.replaceAll("'", "'\\''")}'`;
}

import type { Stats } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { causedBy } from '../protocol/caused-by.ts';
import { RexaError } from '../protocol/errors.ts';

/** Mode bits with which others may read or use a private file. */
const FOR_OTHERS = 0o077;
/** Mode bits with which others may modify a file. */
const WRITABLE_BY_OTHERS = 0o022;

/** The sticky bit of folders like /tmp: all users may write, and each may remove only own files. */
const STICKY = 0o1000;

/** The uid of root, which may own any trusted file. */
const ROOT = 0;

/** Returns the effective uid; null on systems without uids. */
export function ownUid(): number | null {
  return process.geteuid?.() ?? null;
}

/**
 * Checks a file or folder with a secret: owned by this user or root, and not accessible to others.
 * @throws RexaError AUTH_FILE_UNSAFE, with the command that fixes it
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
 * Checks a user's secret like `checkPrivate`, but root may use files of any user, as in a container with mounted keys.
 * @throws RexaError AUTH_FILE_UNSAFE, with the command that fixes it
 */
export function checkPersonal(file: string, status: Stats, uid: number | null): void {
  checkPrivate(file, status, uid === ROOT ? status.uid : uid);
}

/**
 * Checks a file or folder whose content is trusted: owned by this user or root, and not writable by others.
 * @throws RexaError AUTH_FILE_UNSAFE, with the command that fixes it
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
 * Checks a folder like `checkTrusted`, but accepts one like /tmp, whose sticky bit protects the files of others.
 * @throws RexaError AUTH_FILE_UNSAFE, with the command that fixes it
 */
export function checkShared(folder: string, status: Stats, uid: number | null): void {
  if (status.isDirectory() && (status.mode & STICKY) !== 0 && uid !== null) checkOwner(folder, status, uid);
  else checkTrusted(folder, status, uid);
}

/**
 * Checks the folders above a file like sshd's StrictModes: in none of them may others replace the file. It stops at the
 * root, or at `home` if the file is below that.
 * @param file an absolute path without symbolic links
 * @param check applied to each folder
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
  return causedBy('AUTH_FILE_UNREADABLE', cause, file);
}

function showMode({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** Quotes a path for a shell. */
function quote(file: string): string {
  return /^[A-Za-z0-9/._~-]+$/.test(file) && !file.startsWith('-')
    ? file
    : `'${file.replaceAll("'", "'\\''")}'`;
}

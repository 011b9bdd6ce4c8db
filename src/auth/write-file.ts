import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { makeFolder as makeMissing } from '../places/make-folder.ts';
import { causedBy } from '../protocol/caused-by.ts';
import { RexaError } from '../protocol/errors.ts';
import { checkPrivate, checkShared, checkTrusted, ownUid } from './file-guard.ts';

const OWN_FILE = 0o600;

/**
 * `private`: the folder is not accessible to others. `trusted`: it is not writable by others. `shared`: the same, or it is
 * one like /tmp.
 */
type FolderKind = 'private' | 'trusted' | 'shared';

const CHECKS = { private: checkPrivate, trusted: checkTrusted, shared: checkShared } as const;

/**
 * Creates a folder and its parents for this user only. An existing folder is checked, not changed.
 * @throws RexaError AUTH_FILE_UNSAFE, AUTH_FILE_UNWRITABLE
 */
export async function makeFolder(folder: string, kind: FolderKind): Promise<void> {
  try {
    makeMissing(folder);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
  await checkFolder(folder, kind);
}

/**
 * Checks a folder that must exist.
 * @throws RexaError AUTH_FILE_UNSAFE, AUTH_FILE_UNWRITABLE
 */
export async function checkFolder(folder: string, kind: FolderKind): Promise<void> {
  try {
    CHECKS[kind](folder, await fs.stat(folder), ownUid());
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

/**
 * Creates a file with this content atomically, mode 0600.
 * @returns false if the file already exists, which stays unchanged
 * @throws RexaError AUTH_FILE_UNWRITABLE
 */
export async function createFile(file: string, text: string): Promise<boolean> {
  return withDraft(file, text, OWN_FILE, async (draft) => {
    try {
      await fs.link(draft, file);
      return true;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw cause;
    } finally {
      await fs.unlink(draft);
    }
  });
}

/**
 * Replaces the content of a file atomically: readers get either the old or the new content. A symbolic link is followed,
 * and the file keeps its mode.
 * @throws RexaError AUTH_FILE_UNWRITABLE
 */
export async function replaceFile(file: string, text: string | Uint8Array): Promise<void> {
  const target = await fs.realpath(file).catch(() => file);
  const status = await fs.stat(target).catch(() => null);
  await withDraft(target, text, (status?.mode ?? OWN_FILE) & 0o777, (draft) => fs.rename(draft, target));
}

/** Writes the content to a temporary file beside the target and syncs it, then calls `finish` with its path. */
async function withDraft<T>(
  file: string,
  text: string | Uint8Array,
  mode: number,
  finish: (draft: string) => Promise<T>,
): Promise<T> {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(8).toString('hex')}`);
  try {
    await fs.writeFile(draft, text, { mode, flag: 'wx', flush: true });
    return await finish(draft);
  } catch (cause) {
    await fs.rm(draft, { force: true });
    throw unwritable(file, cause);
  }
}

export function unwritable(file: string, cause: unknown): RexaError {
  if (cause instanceof RexaError) return cause;
  return causedBy('AUTH_FILE_UNWRITABLE', cause, file);
}

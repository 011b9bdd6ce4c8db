import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { makeFolder as makeMissing } from '../places/make-folder.ts';
import { RexaError } from '../protocol/errors.ts';
import { checkPrivate, checkShared, checkTrusted, ownUid } from './file-guard.ts';

const OWN_FILE = 0o600;

/**
 * `private`: nobody else may enter the folder. `trusted`: nobody else may write to it. `shared`: it may be one like
 * /tmp besides.
 */
type FolderKind = 'private' | 'trusted' | 'shared';

const CHECKS = { private: checkPrivate, trusted: checkTrusted, shared: checkShared } as const;

/**
 * Makes a folder, and those above it, for ourselves alone. One that is there already is checked, not changed.
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
 * Checks a folder that must be there.
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
 * Makes a file with this content, mode 0600; it appears whole or not at all.
 * @returns false when there is a file of that name already, which stays as it is
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
 * Puts this content in a file's place; whoever reads meanwhile finds the old one or the new one whole. A symbolic link
 * stays one, and a file keeps its mode.
 * @throws RexaError AUTH_FILE_UNWRITABLE
 */
export async function replaceFile(file: string, text: string | Uint8Array): Promise<void> {
  const target = await fs.realpath(file).catch(() => file);
  const status = await fs.stat(target).catch(() => null);
  await withDraft(target, text, (status?.mode ?? OWN_FILE) & 0o777, (draft) => fs.rename(draft, target));
}

/** Writes the content down under another name beside the file, and hands that on when it is safe on the disk. */
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
  return new RexaError(
    'AUTH_FILE_UNWRITABLE',
    [file, cause instanceof Error ? cause.message : String(cause)],
    {
      cause,
    },
  );
}

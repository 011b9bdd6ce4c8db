import { constants, type Stats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { RexaError } from '../protocol/errors.ts';
import {
  checkParents,
  checkPersonal,
  checkPrivate,
  checkShared,
  checkTrusted,
  ownUid,
  unreadable,
} from './file-guard.ts';

/** The permissions that a file must have. */
export interface FileGuard {
  /**
   * `private`: not readable by others. `personal`: the same, but root may use files of any user. `trusted`: the file and the
   * folders above it are not writable by others. `shared`: the same, but folders like /tmp may be above it. `public`: no
   * check, for content that is no secret and is verified otherwise.
   */
  readonly kind: 'private' | 'personal' | 'trusted' | 'shared' | 'public';
  /** A larger file is refused. */
  readonly maxBytes: number;
  /** The folders above the file are checked up to this one (as sshd does with the home folder), otherwise up to the root. */
  readonly home?: string;
  /** The permitted owner besides root; default: the user of this process. */
  readonly uid?: number | null;
}

/** Content, and a version that changes whenever the content may have changed. */
export interface GuardedContent {
  readonly bytes: Buffer;
  /** Null if the file was modified so recently that another change might not be visible in its timestamps. */
  readonly version: string | null;
}

/** The coarsest timestamp resolution in use (FAT). Two changes within it can have the same timestamp. */
const COARSEST_TIME_STEP_MS = 2000;

/**
 * Reads a file with keys after checking its permissions. The file is opened first, so that the checked file is the one that
 * is read, and without blocking on a pipe or a device.
 * @param known a version that need not be read again
 * @returns null if the file does not exist; `unchanged` if it still has the known version
 * @throws RexaError AUTH_FILE_UNSAFE, AUTH_FILE_UNREADABLE, AUTH_FILE_TOO_LARGE
 */
export async function readGuardedFile(
  file: string,
  guard: FileGuard,
  known: string | null = null,
): Promise<GuardedContent | 'unchanged' | null> {
  const handle = await open(file);
  if (handle === null) return null;
  try {
    const status = await handle.stat();
    await checkGuard(file, status, guard);
    const version = describeVersion(status);
    if (version !== null && version === known) return 'unchanged';
    return { bytes: await readAtMost(handle, file, guard.maxBytes), version };
  } catch (cause) {
    if (cause instanceof RexaError) throw cause;
    throw unreadable(file, cause);
  } finally {
    await handle.close();
  }
}

/** Opens a file; returns null if it does not exist. */
async function open(file: string): Promise<FileHandle | null> {
  try {
    return await fs.open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unreadable(file, cause);
  }
}

async function checkGuard(file: string, status: Stats, guard: FileGuard): Promise<void> {
  if (!status.isFile()) throw new RexaError('AUTH_FILE_UNREADABLE', [file, 'it is not a regular file']);
  if (status.size > guard.maxBytes) throw new RexaError('AUTH_FILE_TOO_LARGE', [file, guard.maxBytes]);
  const uid = guard.uid === undefined ? ownUid() : guard.uid;
  switch (guard.kind) {
    case 'public':
      return;
    case 'private':
      return checkPrivate(file, status, uid);
    case 'personal':
      return checkPersonal(file, status, uid);
    case 'trusted':
    case 'shared': {
      checkTrusted(file, status, uid);
      const home = guard.home === undefined ? null : await fs.realpath(guard.home).catch(() => null);
      return checkParents(
        await fs.realpath(file),
        home,
        uid,
        guard.kind === 'shared' ? checkShared : checkTrusted,
      );
    }
    default:
      return guard.kind satisfies never;
  }
}

/** Reads with a limit, since the file may have grown since `stat`. */
async function readAtMost(handle: FileHandle, file: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(64 * 1024), 0, 64 * 1024, total);
    if (bytesRead === 0) return Buffer.concat(chunks);
    total += bytesRead;
    if (total > maxBytes) throw new RexaError('AUTH_FILE_TOO_LARGE', [file, maxBytes]);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

function describeVersion({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string | null {
  const isSettled = Date.now() - Math.max(mtimeMs, ctimeMs) > COARSEST_TIME_STEP_MS;
  return isSettled ? [dev, ino, size, mtimeMs, ctimeMs].join(':') : null;
}

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

/** How a file is guarded. */
export interface FileGuard {
  /**
   * `private`: nobody else may read it. `personal`: the same, but root may use anybody's. `trusted`: nobody else may write it, nor the folders above it. `shared`: the same, but
   * folders like /tmp may be above it. `public`: it is no secret, and what is in it proves itself.
   */
  readonly kind: 'private' | 'personal' | 'trusted' | 'shared' | 'public';
  /** A larger file is refused whole. */
  readonly maxBytes: number;
  /** The folders above are checked up to here (as sshd does with the home folder), else up to the root. */
  readonly home?: string;
  /** The owner that is expected besides root; by default the user of this process. */
  readonly uid?: number | null;
}

/** Content, and a mark that changes whenever the content may have changed. */
export interface GuardedContent {
  readonly bytes: Buffer;
  /** Null while the file was written so lately that a further change could leave no trace in its times. */
  readonly version: string | null;
}

/** Times of files are kept in steps: within one, a second change can't be seen. The coarsest in use is FAT's, 2 s. */
const COARSEST_TIME_STEP_MS = 2000;

/**
 * Reads a file that keys are taken from, after a look at who else could read or write it. What is checked is what is
 * read: the file is opened first, and nothing it might turn out to be (a pipe, a device) makes that wait.
 * @param known a version that needs no reading again
 * @returns null if there is no such file; `unchanged` if it is still of the known version
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

/** Null if nothing is there. */
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

/** The file may have grown since its size was looked at. */
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

import { rmSync } from 'node:fs';
import fs from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { RexaError } from '../protocol/errors.ts';
import { FILE_LOCK_RETRY_MS, FILE_LOCK_STALE_MS, FILE_LOCK_TIMEOUT_MS } from './limits.ts';
import { unwritable } from './write-file.ts';

/**
 * Runs an action while holding `FILE.lock`, which excludes other rexa processes. Removes the stale lock of a killed process.
 * @throws RexaError AUTH_FILE_LOCKED, AUTH_FILE_UNWRITABLE, and the errors of `action`
 */
export async function withFileLock<T>(file: string, action: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`;
  await takeLock(lock);
  // A process that exits meanwhile keeps nobody waiting
  const remove = (): void => rmSync(lock, { force: true });
  process.once('exit', remove);
  try {
    return await action();
  } finally {
    await fs.rm(lock, { force: true });
    process.off('exit', remove);
  }
}

async function takeLock(lock: string): Promise<void> {
  const deadline = performance.now() + FILE_LOCK_TIMEOUT_MS;
  while (!(await tryLock(lock))) {
    if (performance.now() > deadline) throw new RexaError('AUTH_FILE_LOCKED', [lock]);
    await setTimeout(FILE_LOCK_RETRY_MS);
  }
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    await fs.writeFile(lock, '', { flag: 'wx', mode: 0o600 });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(lock, cause);
  }
  const status = await fs.stat(lock).catch(() => null);
  if (status !== null && Date.now() - status.mtimeMs > FILE_LOCK_STALE_MS) await fs.rm(lock, { force: true });
  return false;
}

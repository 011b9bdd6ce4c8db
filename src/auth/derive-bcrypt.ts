import type { BcryptTask } from './bcrypt-worker.ts';

/** In dist every entry point, including this worker, is in a folder. */
const WORKER = import.meta.url.endsWith('.ts') ? './bcrypt-worker.ts' : '../auth/bcrypt-worker.js';

/**
 * Derives a key with bcrypt_pbkdf, which node:crypto does not have, in a separate thread: at 16 ms per round it would block
 * the event loop for up to a second.
 * @returns null for invalid lengths
 */
export function deriveBcrypt(task: BcryptTask): Promise<Uint8Array | null> {
  // Loaded here: most logins derive nothing
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(WORKER, import.meta.url), { workerData: task, execArgv: [] });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread that derives a key has ended')));
  });
}

import { Worker } from 'node:worker_threads';
import type { BcryptTask } from './bcrypt-worker.ts';

/** In dist each entry is in a folder, and so is this worker. */
const WORKER = import.meta.url.endsWith('.ts') ? './bcrypt-worker.ts' : '../auth/bcrypt-worker.js';

/**
 * Derives a key by bcrypt_pbkdf, which node:crypto lacks, in a thread of its own: at 16 ms a round it would stop everything
 * else for up to a second.
 * @returns null for lengths that make no key
 */
export function deriveBcrypt(task: BcryptTask): Promise<Uint8Array | null> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(WORKER, import.meta.url), { workerData: task, execArgv: [] });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread that derives a key has ended')));
  });
}

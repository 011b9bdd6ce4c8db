import { parentPort, workerData } from 'node:worker_threads';
import bcrypt from 'bcrypt-pbkdf';

/** What a passphrase is made into a key by. */
export interface BcryptTask {
  readonly passphrase: Uint8Array;
  readonly salt: Uint8Array;
  readonly keyBytes: number;
  readonly rounds: number;
}

// The whole of a worker thread: one key. Null for lengths that make none.
const { passphrase, salt, keyBytes, rounds } = workerData as BcryptTask;
const key = new Uint8Array(keyBytes);
const status = bcrypt.pbkdf(passphrase, passphrase.length, salt, salt.length, key, keyBytes, rounds);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(status === 0 ? key : null);

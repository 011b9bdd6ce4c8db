import { parentPort, workerData } from 'node:worker_threads';
import bcrypt from 'bcrypt-pbkdf';

/** The parameters of a key derivation. */
export interface BcryptTask {
  readonly passphrase: Uint8Array;
  readonly salt: Uint8Array;
  readonly keyBytes: number;
  readonly rounds: number;
}

// The worker thread derives one key and posts it; null for invalid lengths.
const { passphrase, salt, keyBytes, rounds } = workerData as BcryptTask;
const key = new Uint8Array(keyBytes);
const status = bcrypt.pbkdf(passphrase, passphrase.length, salt, salt.length, key, keyBytes, rounds);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(status === 0 ? key : null);

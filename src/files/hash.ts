import { createHash, type Hash } from 'node:crypto';

/** The hash of a file as it is sent: SHA-256 of its data, in which a hole counts by its length. */
export interface FileHash {
  update(bytes: Uint8Array): void;
  /** A hole is not read, so it is not hashed as zeros. */
  skip(bytes: number): void;
  /** Returns the hash so far; more may follow. */
  sofar(): string;
  copy(): FileHash;
}

/** Creates the hash of nothing. */
export function createFileHash(hash: Hash = createHash('sha256')): FileHash {
  return {
    update: (bytes) => void hash.update(bytes),
    skip: (bytes) => void hash.update(`hole ${bytes}\n`),
    sofar: () => hash.copy().digest('hex'),
    copy: () => createFileHash(hash.copy()),
  };
}

import type { OfferedKey } from './offered-key.ts';

/** A key of the user, in a file or in an agent. */
export interface Identity {
  readonly offered: OfferedKey;
  /** Its origin, for messages: `ssh-agent`, or the file's path. */
  readonly source: string;
  readonly comment: string;
  /** Returns whether it still needs a passphrase; then `sign` throws KEY_PASSPHRASE_NEEDED. */
  isLocked(): boolean;
  /**
   * Decrypts it with its passphrase, so that it can sign.
   * @throws RexaError KEY_PASSPHRASE_WRONG, and the errors of an invalid key
   */
  unlock(passphrase: string): Promise<void>;
  /**
   * Signs the data; returns the verified SSH signature blob.
   * @throws RexaError KEY_*, AGENT_*
   */
  sign(data: Buffer): Promise<Buffer>;
}

import type { OfferedKey } from './offered-key.ts';

/** A key that the user can prove, wherever its secret is. */
export interface Identity {
  readonly offered: OfferedKey;
  /** Where it comes from, for messages: `ssh-agent`, or the file's path. */
  readonly source: string;
  readonly comment: string;
  /** Its secret is under a passphrase that hasn't been given yet: `sign` throws KEY_PASSPHRASE_NEEDED. */
  isLocked(): boolean;
  /**
   * Takes the passphrase of a locked one; after that it signs.
   * @throws RexaError KEY_PASSPHRASE_WRONG, and whatever may be wrong with the key
   */
  unlock(passphrase: string): Promise<void>;
  /**
   * SSH's signature blob over the data, checked.
   * @throws RexaError KEY_*, AGENT_*
   */
  sign(data: Buffer): Promise<Buffer>;
}

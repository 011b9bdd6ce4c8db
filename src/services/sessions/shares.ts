import type { SessionRight } from '../../auth/principal.ts';

/** A line that lets a key use a session. */
export interface SharedKey {
  readonly fingerprint: string;
  /** The file that it stands in. */
  readonly file: string;
}

/** The keys that may use sessions and nothing else, in a file of authorized keys of rexa's own. */
export interface SessionShares {
  /**
   * Lets a key log in for this session.
   * @param key a line of a public key file
   * @param forMs null: until it is removed
   * @throws RexaError SESSION_SHARE_REFUSED, KEY_*, AUTH_FILE_*
   */
  add(right: SessionRight, key: string, forMs: number | null): Promise<SharedKey>;
  /**
   * Removes the lines that let keys use a session.
   * @param key of this key only; null: all of them
   * @returns the fingerprints @throws RexaError SESSION_SHARE_UNKNOWN, KEY_*, AUTH_FILE_*
   */
  remove(name: string, key: string | null): Promise<readonly string[]>;
}

import type { KeyObject } from 'node:crypto';
import type { PublicKey } from './public-key.ts';

/** A private key that can sign. */
export interface PrivateKey {
  readonly publicKey: PublicKey;
  readonly keyObject: KeyObject;
  /** From the file; empty if its format has none. */
  readonly comment: string;
}

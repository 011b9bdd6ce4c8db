import type { KeyObject } from 'node:crypto';
import type { PublicKey } from './public-key.ts';

/** A private key that can sign. */
export interface PrivateKey {
  readonly publicKey: PublicKey;
  readonly keyObject: KeyObject;
  /** As the file has it; empty when its format has none. */
  readonly comment: string;
}

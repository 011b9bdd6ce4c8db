import * as v from 'valibot';
import type { JsonObject } from './control.ts';
import { MAX_ACCOUNT_BYTES, MAX_KEY_BLOB_BYTES, MAX_OFFERED_KEYS, MAX_SIGNATURE_BYTES } from './limits.ts';
import { checkShape } from './shape.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Base64 of at most so many bytes. */
function base64(mostBytes: number) {
  return v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(Math.ceil(mostBytes / 3) * 4),
    v.regex(BASE64, 'base64 is expected'),
  );
}

const account = v.pipe(v.string(), v.maxLength(MAX_ACCOUNT_BYTES));
const key = base64(MAX_KEY_BLOB_BYTES);
/** An SSHSIG: the signature, and the key that it repeats. */
const proof = base64(MAX_SIGNATURE_BYTES + MAX_KEY_BLOB_BYTES);

/**
 * The field `login` of a client's hello.
 * @internal
 */
export const loginSchema = v.union(
  [
    v.object({ account, key, proof }),
    v.object({ account, offers: v.pipe(v.array(key), v.minLength(1), v.maxLength(MAX_OFFERED_KEYS)) }),
  ],
  'either {"account", "key", "proof"} or {"account", "offers": ["...", ...]} is expected',
);

/** One key with its proof of possession: SSH blob and SSHSIG, both in base64. */
export interface ProvenLogin {
  /** The requested user; empty for the daemon's own. Untrusted text. */
  readonly account: string;
  readonly key: string;
  readonly proof: string;
}

/** Keys of which the daemon selects one to be proven. An offer alone grants nothing. */
export interface OfferedLogin {
  readonly account: string;
  /** 1 to MAX_OFFERED_KEYS SSH blobs, base64. */
  readonly offers: readonly string[];
}

/** A client's login; docs/protocol.md, 3. */
export type Login = ProvenLogin | OfferedLogin;

/** A daemon's decision on a login. `chosen` is possible for offers only. */
export type Verdict = { readonly kind: 'admitted' } | { readonly kind: 'chosen'; readonly offer: number };

const chooseSchema = v.object({ offer: v.pipe(v.number(), v.integer(), v.minValue(0)) });
const proofSchema = v.object({ proof });

/** Returns the index of the offer to prove. @throws RexaError CONTROL_WRONG_SHAPE */
export function readChoice(message: JsonObject): number {
  return checkShape(chooseSchema, message, 'choose').offer;
}

/** Returns the proof, in base64. @throws RexaError CONTROL_WRONG_SHAPE */
export function readProof(message: JsonObject): string {
  return checkShape(proofSchema, message, 'proof').proof;
}

import * as v from 'valibot';
import { MAX_HOST_KEYS } from '../../protocol/limits.ts';

const fingerprintSchema = v.pipe(v.string(), v.maxLength(64));
const base64Schema = v.pipe(v.string(), v.base64(), v.maxLength(32_768));

/** The schema of a request for the keys of the host. */
export const hostKeysRequestSchema = v.object({
  service: v.literal('host-keys'),
  /** Fingerprints of keys that need no proof. */
  known: v.optional(v.pipe(v.array(fingerprintSchema), v.maxLength(MAX_HOST_KEYS)), []),
});

/** The schema of the answer. */
export const hostKeysSchema = v.object({
  keys: v.pipe(
    v.array(v.object({ key: base64Schema, proof: v.exactOptional(base64Schema) })),
    v.maxLength(MAX_HOST_KEYS),
  ),
});

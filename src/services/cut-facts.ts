import { createHash } from 'node:crypto';
import type { Facts } from '../runtime/log.ts';
import { MAX_AUDIT_FIELD_BYTES } from './limits.ts';

/** How much of a field that is cut is kept, of its JSON. */
const KEPT_CHARACTERS = 1024;

/**
 * Facts for one line. A field whose JSON is longer than MAX_AUDIT_FIELD_BYTES is replaced by how it begins, its length and
 * its SHA-256, by which it can be compared with what somebody says that it was.
 */
export function cutFacts(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, cutValue(value)]));
}

function cutValue(value: unknown): unknown {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined || json.length <= MAX_AUDIT_FIELD_BYTES / 3) return value;
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_AUDIT_FIELD_BYTES) return value;
  const sha256 = createHash('sha256').update(json).digest('hex');
  return { cut: json.slice(0, KEPT_CHARACTERS), bytes, sha256 };
}

import * as v from 'valibot';
import type { JsonObject } from '../../protocol/control.ts';
import { countSchema } from '../../protocol/exit-fields.ts';
import { checkShape } from '../../protocol/shape.ts';
import { toldTextSchema } from '../../protocol/told-text.ts';

/** The schema of a request for it. */
export const statusRequestSchema = v.object({ service: v.literal('status') });

const text = v.pipe(v.string(), v.maxLength(4096), toldTextSchema);
const count = v.pipe(countSchema, v.integer());

const statusSchema = v.object({
  agent: text,
  pid: count,
  /** Milliseconds since 1970. */
  startedMs: countSchema,
  state: v.picklist(['serving', 'draining']),
  listen: v.array(v.object({ url: text, fingerprint: v.nullable(text) })),
  /** Without the one that asks. */
  connections: count,
  runs: count,
  /** Of `udp://` listeners; null: there are none, or the daemon is an older one. */
  datagrams: v.optional(v.nullable(v.object({ answered: count, limited: count, dropped: count })), null),
  config: v.nullable(text),
  audit: v.nullable(text),
});

/** What a daemon says of itself to the service `status`; docs/protocol.md, 11. */
export type DaemonStatus = v.InferOutput<typeof statusSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readDaemonStatus(last: JsonObject): DaemonStatus {
  return checkShape(v.object({ status: statusSchema }), last, 'close').status;
}

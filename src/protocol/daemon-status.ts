import * as v from 'valibot';
import type { JsonObject } from './control.ts';
import { checkShape } from './shape.ts';

const text = v.pipe(v.string(), v.maxLength(4096));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const statusSchema = v.object({
  agent: text,
  pid: count,
  /** Milliseconds since 1970. */
  startedMs: v.number(),
  state: v.picklist(['serving', 'draining']),
  listen: v.array(v.object({ url: text, fingerprint: v.nullable(text) })),
  /** Without the one that asks. */
  connections: count,
  runs: count,
  config: v.nullable(text),
  audit: v.nullable(text),
});

/** What a daemon says of itself to the service `status`; docs/protocol.md, 11. */
export type DaemonStatus = v.InferOutput<typeof statusSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readDaemonStatus(last: JsonObject): DaemonStatus {
  return checkShape(v.object({ status: statusSchema }), last, 'close').status;
}

import * as v from 'valibot';
import type { ControlName, JsonObject } from './control.ts';
import { RexaError } from './errors.ts';

/**
 * Validates a control message against its schema; unknown fields are dropped.
 * @param what the frame's name, for the error message
 * @throws RexaError CONTROL_WRONG_SHAPE that names the first wrong field; REQUEST_WRONG_SHAPE for `open`, which
 * concerns one channel only
 */
export function checkShape<S extends v.GenericSchema>(
  schema: S,
  message: JsonObject,
  what: ControlName,
): v.InferOutput<S> {
  const result = v.safeParse(schema, message, { abortEarly: true });
  if (result.success) return result.output;
  const wrong = describeIssue(result.issues[0]);
  throw what === 'open'
    ? new RexaError('REQUEST_WRONG_SHAPE', [wrong])
    : new RexaError('CONTROL_WRONG_SHAPE', [what, wrong]);
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

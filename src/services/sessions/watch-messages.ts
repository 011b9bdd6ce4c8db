import * as v from 'valibot';
import type { JsonObject } from '../../protocol/control.ts';
import { runIdSchema } from '../../protocol/exit-fields.ts';
import { checkShape } from '../../protocol/shape.ts';
import { toldTextSchema } from '../../protocol/told-text.ts';
import { jobOutcomeSchema } from '../jobs/outcome-messages.ts';
import { sessionViewSchema } from './view-messages.ts';

const askSchema = v.object({ type: v.literal('watch'), mark: runIdSchema });

/** What a daemon asks for on the channel of a `session-watch`: to be told of the end of a session. */
export type SessionWatchMessage = v.InferOutput<typeof askSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readSessionWatchMessage(message: JsonObject): SessionWatchMessage {
  return checkShape(askSchema, message, 'message');
}

const eventSchema = v.variant('type', [
  v.object({ type: v.literal('watching') }),
  /** Null: it is not known to the supervisor. */
  v.object({
    type: v.literal('end'),
    mark: runIdSchema,
    session: v.nullable(sessionViewSchema),
    /** Absent from a supervisor that does not know it: then that of the session. */
    outcome: v.optional(v.nullable(jobOutcomeSchema)),
  }),
  v.object({ type: v.literal('recording-failed'), mark: runIdSchema, reason: toldTextSchema }),
]);

/** What the supervisor tells. */
export type SessionWatchEvent = v.InferOutput<typeof eventSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readSessionWatchEvent(message: JsonObject): SessionWatchEvent {
  return checkShape(eventSchema, message, 'message');
}

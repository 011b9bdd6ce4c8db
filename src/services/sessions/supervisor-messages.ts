import * as v from 'valibot';
import { commandSchema } from '../../protocol/command.ts';
import type { JsonObject } from '../../protocol/control.ts';
import { runIdSchema } from '../../protocol/exit-fields.ts';
import { checkShape } from '../../protocol/shape.ts';
import { terminalModesSchema } from '../../protocol/terminal-modes.ts';
import { toldErrorSchema } from '../../protocol/told-text.ts';
import { jobOutcomeSchema } from '../jobs/outcome-messages.ts';
import { wireStartSchema } from '../jobs/supervisor-messages.ts';
import { openFields } from './messages.ts';
import { sessionNameSchema, sessionViewSchema, terminalSizeSchema } from './view-messages.ts';

/** The sessions of the supervisor, which the daemon asks for on its Unix socket; docs/sessions.md. */
const asker = { principal: v.string(), who: v.string() };

const openSchema = v.object({
  service: v.literal('session'),
  ...asker,
  ...openFields,
  size: terminalSizeSchema,
  /** What is started if it is not there; absent: nothing. */
  start: v.optional(
    v.object({
      id: runIdSchema,
      /** Of the daemon, by which its end is waited for: two clients may choose one id. */
      mark: runIdSchema,
      command: commandSchema,
      ...wireStartSchema.entries,
      isUtf8: v.boolean(),
      modes: v.optional(terminalModesSchema),
      /** An absolute path. */
      record: v.optional(v.object({ file: v.string(), input: v.boolean(), term: v.string() })),
      killAfterMs: v.optional(v.pipe(v.number(), v.minValue(0))),
    }),
  ),
});

/** The schemas of its requests, by the names of its services. */
export const SESSION_REQUESTS = {
  session: openSchema,
  sessions: v.object({ service: v.literal('sessions'), principal: v.string() }),
  /** Tells what becomes of sessions; watch-messages.ts. */
  'session-watch': v.object({ service: v.literal('session-watch') }),
  /** Ends what a principal has attached to a session. */
  'session-expel': v.object({
    service: v.literal('session-expel'),
    principal: v.string(),
    name: sessionNameSchema,
    owner: v.string(),
  }),
  /** Answers with the rows of its screen as text. */
  'session-screen': v.object({
    service: v.literal('session-screen'),
    principal: v.string(),
    name: sessionNameSchema,
  }),
  'session-end': v.object({
    service: v.literal('session-end'),
    principal: v.string(),
    name: sessionNameSchema,
  }),
};

/** A request to open a session, with everything decided. */
export type SupervisorOpenRequest = v.InferOutput<typeof openSchema>;

const messageSchema = v.object({
  type: v.literal('session'),
  /** Whether this request has started it. */
  isNew: v.optional(v.boolean(), false),
  session: sessionViewSchema,
});

/** What the supervisor says of a session, first of all and whenever its clients or its size change. */
export type SessionMessage = v.InferOutput<typeof messageSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readSessionMessage(message: JsonObject): SessionMessage {
  return checkShape(messageSchema, message, 'message');
}

const finalMessageSchema = v.object({
  error: v.optional(toldErrorSchema),
  session: v.optional(sessionViewSchema),
  sessions: v.optional(v.array(sessionViewSchema)),
  screen: v.optional(v.array(v.string())),
  outcome: v.optional(jobOutcomeSchema),
});

/** The supervisor's last word about a session. */
export type SessionFinalMessage = v.InferOutput<typeof finalMessageSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readSessionFinalMessage(last: JsonObject): SessionFinalMessage {
  return checkShape(finalMessageSchema, last, 'close');
}

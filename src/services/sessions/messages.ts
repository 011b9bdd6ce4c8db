import * as v from 'valibot';
import type { JsonObject } from '../../protocol/control.ts';
import { runIdSchema } from '../../protocol/exit-fields.ts';
import {
  MAX_RECORDING_PATH_CHARACTERS,
  MAX_SESSION_HISTORY_LINES,
  MAX_SHARED_KEY_CHARACTERS,
  MAX_TIMEOUT_MS,
} from '../../protocol/limits.ts';
import { checkShape } from '../../protocol/shape.ts';
import { toldTextSchema } from '../../protocol/told-text.ts';
import { runRequestSchema } from '../run/messages.ts';
import {
  sessionModeSchema,
  sessionNameSchema,
  sessionViewSchema,
  terminalSizeSchema,
} from './view-messages.ts';

/** `new`: it must not be there; `join`: it is started if it is not there; `existing`: it must be there. */
const openSchema = v.picklist(['new', 'join', 'existing']);

/** How a session is opened, as a client asks for it and as the supervisor is asked. */
export const openFields = {
  name: sessionNameSchema,
  open: openSchema,
  mode: v.optional(sessionModeSchema, 'drive'),
  /** Of the session that is taken up again: another one of the same name is not opened. */
  session: v.optional(runIdSchema),
  /** Lines above the screen that are sent first. */
  historyLines: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_SESSION_HISTORY_LINES)),
    0,
  ),
};

/** The schema of a request to open a session; `run` has the program of a new one, and the terminal of the client. */
export const openSessionSchema = v.object({
  service: v.literal('session'),
  ...openFields,
  run: runRequestSchema,
  /** Where a new session is recorded: a file on the host; null: one that the host names. Absent: nowhere, unless it has to be. */
  record: v.optional(
    v.object({
      file: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_RECORDING_PATH_CHARACTERS))),
      input: v.optional(v.boolean(), false),
    }),
  ),
});

/** A request to open a session. */
export type OpenSessionRequest = v.InferOutput<typeof openSessionSchema>;

export const listSessionsSchema = v.object({ service: v.literal('sessions') });

export const sessionScreenSchema = v.object({
  service: v.literal('session-screen'),
  name: sessionNameSchema,
});

export const endSessionSchema = v.object({ service: v.literal('session-end'), name: sessionNameSchema });

/** A line of a public key file, with its comment. */
const publicKeyLine = v.pipe(v.string(), v.maxLength(MAX_SHARED_KEY_CHARACTERS));

export const shareSessionSchema = v.object({
  service: v.literal('session-share'),
  name: sessionNameSchema,
  key: publicKeyLine,
  mode: v.optional(sessionModeSchema, 'view'),
  forMs: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1000), v.maxValue(MAX_TIMEOUT_MS))), null),
});

export const unshareSessionSchema = v.object({
  service: v.literal('session-unshare'),
  name: sessionNameSchema,
  /** Null: of all keys. */
  key: v.optional(v.nullable(publicKeyLine), null),
});

/** What a daemon's last word about sessions holds, if it is no refusal. */
export const sessionsAnswerSchema = v.object({
  session: v.optional(sessionViewSchema),
  sessions: v.optional(v.array(sessionViewSchema)),
  screen: v.optional(v.array(toldTextSchema)),
  shared: v.optional(v.object({ fingerprint: toldTextSchema, file: toldTextSchema })),
  unshared: v.optional(v.array(toldTextSchema)),
});

const clientMessageSchema = v.variant('type', [
  v.object({ type: v.literal('resize'), ...terminalSizeSchema.entries }),
  v.object({ type: v.literal('signal'), name: v.pipe(v.string(), v.regex(/^SIG[A-Z0-9]{1,16}$/)) }),
  /** The whole screen is wanted again. */
  v.object({ type: v.literal('repaint') }),
]);

/** What a client of a session says. */
export type SessionClientMessage = v.InferOutput<typeof clientMessageSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readSessionClientMessage(message: JsonObject): SessionClientMessage {
  return checkShape(clientMessageSchema, message, 'message');
}

import * as v from 'valibot';
import { commandSchema } from '../../protocol/command.ts';
import type { JsonObject } from '../../protocol/control.ts';
import { runIdSchema } from '../../protocol/exit-fields.ts';
import { lifetimeSchema } from '../../protocol/lifetime.ts';
import { checkShape } from '../../protocol/shape.ts';
import { toldErrorSchema } from '../../protocol/told-text.ts';
import { wireWordSchema } from '../../protocol/word-schema.ts';
import { jobOutcomeSchema } from './outcome-messages.ts';
import { jobViewSchema } from './progress-messages.ts';

/**
 * The services of the supervisor, which the daemon asks for on its Unix socket; docs/jobs.md, "Supervisor protocol".
 * Fields that one side does not know are ignored, so a daemon and a supervisor of different versions understand each other.
 */
const owner = { principal: v.string(), id: v.string() };
const milliseconds = v.pipe(v.number(), v.minValue(0));

/** The schema of what is started. */
export const wireStartSchema = v.object({
  file: wireWordSchema,
  args: v.array(wireWordSchema),
  cwd: wireWordSchema,
  environment: v.array(v.tuple([wireWordSchema, wireWordSchema])),
  argv0: v.optional(wireWordSchema),
  /** How messages name the program and the folder, where their bytes are in a charset. */
  shown: v.optional(v.object({ file: v.string(), cwd: v.string() })),
  stdin: v.picklist(['pipe', 'none']),
});

const startSchema = v.object({
  service: v.literal('start'),
  ...owner,
  hash: v.string(),
  command: commandSchema,
  lifetime: lifetimeSchema,
  start: wireStartSchema,
  timeoutMs: v.optional(milliseconds),
  killAfterMs: v.optional(milliseconds),
});

const attachSchema = v.object({
  service: v.literal('attach'),
  ...owner,
  /** `client`: the job lives with it, as its lifetime says; `reader`: it only looks. */
  mode: v.picklist(['client', 'reader']),
  /** Whether its output is sent. */
  output: v.boolean(),
  /** Whether to stay until the job has ended. */
  follow: v.boolean(),
  /** Only output of the last so many milliseconds. */
  agoMs: v.optional(milliseconds),
  /** Only output since then, in ms since 1970 by the host's clock; before `agoMs`. */
  sinceMs: v.optional(milliseconds),
  /** Whether stream 0 is written to the job's stdin, behind what it got before. */
  stdin: v.boolean(),
});

const listSchema = v.object({ service: v.literal('jobs'), principal: v.string() });

/** Without a signal the whole tree is ended, and its end is waited for. */
const killSchema = v.object({ service: v.literal('kill'), ...owner, signal: v.nullable(v.string()) });

/** Ended jobs are forgotten: those that are named, or all that ended so long ago. */
const pruneSchema = v.object({
  service: v.literal('prune'),
  principal: v.string(),
  ids: v.nullable(v.array(v.string())),
  olderMs: milliseconds,
});

/** Leave if no job runs, so that another version can take the place. */
const retireSchema = v.object({ service: v.literal('retire') });

/** The schemas of its requests, by the names of its services. */
export const SUPERVISOR_REQUESTS = {
  start: startSchema,
  attach: attachSchema,
  jobs: listSchema,
  kill: killSchema,
  prune: pruneSchema,
  retire: retireSchema,
};

type Requests = typeof SUPERVISOR_REQUESTS;
export type SupervisorRequest = { [Name in keyof Requests]: v.InferOutput<Requests[Name]> }[keyof Requests];
export type StartJobRequest = v.InferOutput<typeof startSchema>;
export type AttachJobRequest = v.InferOutput<typeof attachSchema>;

const attachedSchema = v.variant('type', [
  v.object({ type: v.literal('signal'), name: v.string() }),
  v.object({ type: v.literal('cancel'), why: v.string() }),
]);

/** What a client of a job wants of it. */
export type AttachedMessage = v.InferOutput<typeof attachedSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readAttachedMessage(message: JsonObject): AttachedMessage {
  return checkShape(attachedSchema, message, 'message');
}

const finalMessageSchema = v.object({
  error: v.optional(toldErrorSchema),
  outcome: v.optional(jobOutcomeSchema),
  job: v.optional(jobViewSchema),
  jobs: v.optional(v.array(jobViewSchema)),
  pruned: v.optional(v.array(runIdSchema)),
  leaving: v.optional(v.boolean()),
});

/** The supervisor's last word on a channel. */
export type SupervisorFinalMessage = v.InferOutput<typeof finalMessageSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readSupervisorFinalMessage(last: JsonObject): SupervisorFinalMessage {
  return checkShape(finalMessageSchema, last, 'close');
}

const leavingSchema = v.object({ gone: v.optional(v.boolean(), false) });

/** How a client of a job leaves: `gone` when it will not come again. */
export function readLeaving(last: JsonObject): { readonly gone: boolean } {
  return checkShape(leavingSchema, last, 'close');
}

import * as v from 'valibot';
import { commandSchema } from '../../protocol/command.ts';
import type { JsonObject } from '../../protocol/control.ts';
import {
  countSchema,
  exitCodeSchema,
  pidsSchema,
  runIdSchema,
  signalNameSchema,
} from '../../protocol/exit-fields.ts';
import type { JobView } from '../../protocol/job.ts';
import { lifetimeSchema } from '../../protocol/lifetime.ts';
import { checkShape } from '../../protocol/shape.ts';
import { toldErrorSchema, toldTextSchema } from '../../protocol/told-text.ts';
import { receiptSchema } from '../run/messages.ts';
import { sessionViewSchema } from '../sessions/view-messages.ts';
import { jobOutcomeSchema } from './outcome-messages.ts';

/** JobView */
export const jobViewSchema: v.GenericSchema<JobView> = v.object({
  id: runIdSchema,
  /** `corrupt`: its record can't be read; `note` says why. */
  state: v.picklist(['starting', 'running', 'ended', 'lost', 'corrupt']),
  command: v.nullable(commandSchema),
  lifetime: v.nullable(lifetimeSchema),
  createdMs: v.nullable(countSchema),
  endedMs: v.nullable(countSchema),
  pid: v.nullable(v.number()),
  outcome: v.nullable(jobOutcomeSchema),
  note: v.nullable(toldTextSchema),
});

const pids = v.pipe(pidsSchema, v.readonly());

const progressSchema = v.variant('type', [
  /** The first message: which job it is, and whether its id was used before this request. */
  v.object({
    type: v.literal('job'),
    job: jobViewSchema,
    repeated: v.boolean(),
    /** From when on its output is sent, in ms since 1970 by the host's clock; 0: from its beginning. */
    sinceMs: v.optional(countSchema),
  }),
  /** Which session it is; again whenever its clients or its size change. */
  v.object({ type: v.literal('session'), session: sessionViewSchema }),
  /** The terminal outlives its daemon, and has taken so many bytes of input. */
  v.object({ type: v.literal('lasting'), input: countSchema }),
  /** It has taken input up to here. */
  v.object({ type: v.literal('consumed'), input: countSchema }),
  /** As many commands of the principal run as may: the run waits until one of these has ended. */
  v.object({ type: v.literal('waiting'), running: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  v.object({ type: v.literal('started'), pid: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  /** The command has ended, though its output may still be on its way; only where the request asks for it. */
  v.object({
    type: v.literal('exited'),
    name: v.picklist(['exited', 'signaled', 'timed-out', 'canceled']),
    exitCode: v.nullable(exitCodeSchema),
    signal: v.nullable(signalNameSchema),
  }),
  /** The command has exited, and these still hold its output: they are waited for. */
  v.object({ type: v.literal('held'), pids }),
  /** So many bytes are missing: behind `at` bytes of the stream's output that are sent here. */
  v.object({ type: v.literal('gap'), stream: v.picklist([0, 1]), at: countSchema, bytes: countSchema }),
  /** Some of what was typed can't be written in the command's encoding and was not sent. */
  v.object({ type: v.literal('input-refused'), message: toldTextSchema }),
  /** The command runs without the client's ssh-agent. */
  v.object({ type: v.literal('agent-refused'), message: toldTextSchema }),
  /** The daemon ends what still runs after so long; jobs go on without it. */
  v.object({ type: v.literal('draining'), leftMs: countSchema }),
  /** The output can't be read on. */
  v.object({ type: v.literal('trouble'), ...toldErrorSchema.entries }),
]);

/** What a daemon says of a run, and a supervisor of a job, before the last word. */
export type RunProgress = v.InferOutput<typeof progressSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readRunProgress(message: JsonObject): RunProgress {
  return checkShape(progressSchema, message, 'message');
}

/** What a daemon's last word about jobs holds, if it is no refusal. */
export const jobsAnswerSchema = v.object({
  job: v.optional(jobViewSchema),
  jobs: v.optional(v.array(jobViewSchema)),
  pruned: v.optional(v.array(runIdSchema)),
  /** Of the output that was read; absent from a daemon that does not know it. */
  encoding: v.optional(v.object({ stdout: receiptSchema, stderr: receiptSchema })),
});

import * as v from 'valibot';
import {
  codeSchema,
  countSchema,
  exitCodeSchema,
  pidsSchema,
  signalNameSchema,
} from '../../protocol/exit-fields.ts';
import type { JobOutcome } from '../../protocol/job.ts';
import { toldTextSchema } from '../../protocol/told-text.ts';

const pids = v.pipe(pidsSchema, v.readonly());

/** The schema of the outcome of a job or a session. */
export const jobOutcomeSchema: v.GenericSchema<JobOutcome> = v.object({
  name: v.picklist(['exited', 'signaled', 'timed-out', 'canceled']),
  exitCode: v.nullable(exitCodeSchema),
  signal: v.nullable(signalNameSchema),
  code: v.nullable(codeSchema),
  reason: v.nullable(toldTextSchema),
  bytes: v.object({ stdin: countSchema, stdout: countSchema, stderr: countSchema }),
  durationMs: countSchema,
  survivors: pids,
  pipeHeldBy: pids,
  complete: v.optional(v.boolean()),
});

import * as v from 'valibot';
import { inputErrorsSchema } from '../../protocol/input-errors.ts';
import { MAX_RUN_ID_CHARACTERS } from '../../protocol/limits.ts';

/** The services that clients ask for about their jobs; docs/protocol.md, 9. */
const jobId = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_RUN_ID_CHARACTERS));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const encodingName = v.pipe(v.string(), v.maxLength(64));

export const attachSchema = v.object({
  service: v.literal('attach'),
  job: jobId,
  mode: v.optional(v.picklist(['client', 'reader']), 'reader'),
  output: v.optional(v.boolean(), true),
  follow: v.optional(v.boolean(), true),
  agoMs: v.optional(milliseconds),
  /** As the host has told it of an earlier reading; before `agoMs`. */
  sinceMs: v.optional(milliseconds),
  stdin: v.optional(v.picklist(['stream', 'none']), 'none'),
  encoding: v.optional(
    v.object({
      output: v.optional(encodingName, 'host'),
      input: v.optional(encodingName, 'host'),
      inputErrors: inputErrorsSchema,
    }),
    {},
  ),
});

export const listSchema = v.object({ service: v.literal('jobs') });

export const killSchema = v.object({
  service: v.literal('kill'),
  job: jobId,
  signal: v.optional(v.nullable(v.string()), null),
});

export const pruneSchema = v.object({
  service: v.literal('prune'),
  jobs: v.optional(v.nullable(v.array(jobId)), null),
  olderMs: v.optional(milliseconds, 0),
});

/** A request to follow a job, or to read its output. */
export type AttachRequest = v.InferOutput<typeof attachSchema>;

import * as v from 'valibot';
import { describeEnd } from '../../client/describe-end.ts';
import type { Link } from '../../link/link.ts';
import type { JsonObject } from '../../protocol/control.ts';
import { runIdSchema } from '../../protocol/exit-fields.ts';
import { checkShape } from '../../protocol/shape.ts';
import { toRexaError } from '../../protocol/to-rexa-error.ts';
import { toldErrorSchema } from '../../protocol/told-text.ts';
import { jobViewSchema } from './progress-messages.ts';

const finalMessageSchema = v.object({
  error: v.optional(toldErrorSchema),
  job: v.optional(jobViewSchema),
  jobs: v.optional(v.array(jobViewSchema)),
  pruned: v.optional(v.array(runIdSchema)),
});

/** What a daemon's last word about jobs holds. */
export type JobsLastWord = Omit<v.InferOutput<typeof finalMessageSchema>, 'error'>;

/** @throws RexaError what the daemon refused with, CONTROL_WRONG_SHAPE */
export function readJobsLastWord(last: JsonObject): JobsLastWord {
  const { error, ...word } = checkShape(finalMessageSchema, last, 'close');
  if (error) throw toRexaError(error);
  return word;
}

/** Asks something that is answered in one word. @throws RexaError what the daemon refused with, LINK_LOST */
export async function askDaemon(link: Link, address: string, request: JsonObject): Promise<JobsLastWord> {
  const end = await link.open(request, []).ended;
  if (end.kind === 'link-ended') throw describeEnd(end.end, address);
  return readJobsLastWord(end.last);
}

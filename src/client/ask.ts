import * as v from 'valibot';
import type { JsonObject } from '../protocol/control.ts';
import { checkShape } from '../protocol/shape.ts';
import { toRexaError } from '../protocol/to-rexa-error.ts';
import { toldErrorSchema } from '../protocol/told-text.ts';
import type { AskedHost } from './asked-host.ts';
import { describeEnd } from './describe-end.ts';

/** Asks something that is answered in one word. @throws RexaError what the daemon refused with, LINK_LOST */
export async function ask<Schema extends v.GenericSchema>(
  { address, link }: AskedHost,
  request: JsonObject,
  answer: Schema,
): Promise<v.InferOutput<Schema>> {
  const end = await link.open(request, []).ended;
  if (end.kind === 'link-ended') throw describeEnd(end.end, address);
  return readAnswer(answer, end.last);
}

const refusedSchema = v.object({ error: v.optional(toldErrorSchema) });

/** Reads a last word. @throws RexaError what the daemon refused with, CONTROL_WRONG_SHAPE */
export function readAnswer<Schema extends v.GenericSchema>(
  answer: Schema,
  last: JsonObject,
): v.InferOutput<Schema> {
  const { error } = checkShape(refusedSchema, last, 'close');
  if (error) throw toRexaError(error);
  return checkShape(answer, last, 'close');
}

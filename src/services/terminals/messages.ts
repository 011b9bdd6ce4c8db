import * as v from 'valibot';
import type { JsonObject } from '../../protocol/control.ts';
import { countSchema, runIdSchema } from '../../protocol/exit-fields.ts';
import { checkShape } from '../../protocol/shape.ts';
import { terminalModesSchema } from '../../protocol/terminal-modes.ts';
import { toldErrorSchema } from '../../protocol/told-text.ts';
import { jobOutcomeSchema } from '../jobs/outcome-messages.ts';
import { wireStartSchema } from '../jobs/supervisor-messages.ts';
import { terminalSizeSchema } from '../sessions/view-messages.ts';

/** The terminals of the supervisor, which the daemon asks for on its Unix socket; docs/jobs.md, "Supervisor protocol". */
const milliseconds = v.pipe(v.number(), v.minValue(0));

/** The schema of a request for a terminal: a new one, or one that is taken up again. */
export const openTerminalSchema = v.object({
  service: v.literal('terminal'),
  principal: v.string(),
  id: runIdSchema,
  size: terminalSizeSchema,
  /** What is started; absent: it is there already. */
  start: v.optional(
    v.object({
      ...wireStartSchema.entries,
      /** Of the daemon, by which its end is waited for. */
      mark: runIdSchema,
      modes: v.optional(terminalModesSchema),
      timeoutMs: v.optional(milliseconds),
      killAfterMs: v.optional(milliseconds),
      heldPipes: v.optional(v.picklist(['name', 'wait'])),
      reportExit: v.optional(v.boolean(), false),
    }),
  ),
  /** Bytes of output that its client has. */
  output: v.optional(countSchema, 0),
});

/** A request for a terminal, with everything decided. */
export type OpenTerminalRequest = v.InferOutput<typeof openTerminalSchema>;

const finalMessageSchema = v.object({
  error: v.optional(toldErrorSchema),
  outcome: v.optional(jobOutcomeSchema),
});

/** The supervisor's last word about a terminal. */
export type TerminalFinalMessage = v.InferOutput<typeof finalMessageSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readTerminalFinalMessage(last: JsonObject): TerminalFinalMessage {
  return checkShape(finalMessageSchema, last, 'close');
}

import * as v from 'valibot';
import { codeSchema, errnoSchema } from './exit-fields.ts';
import { escapeText } from './show-text.ts';

/**
 * Text from the peer that is shown to people. It is escaped when it is parsed, so that it cannot control a terminal, in any
 * message, error, log or report.
 */
export const toldTextSchema = v.pipe(v.string(), v.transform(escapeText));

/** An error reported by the peer. */
export const toldErrorSchema = v.object({
  code: codeSchema,
  message: toldTextSchema,
  /** What the host's system called it, such as ENOENT. */
  errno: v.exactOptional(errnoSchema),
});

import * as v from 'valibot';
import { codeSchema } from './exit-fields.ts';
import { escapeText } from './show-text.ts';

/**
 * A sentence or a name from the other side that is shown to people. It is escaped where it is read, so that it steers no
 * terminal in whatever message, error of the library, log or report it ends up.
 */
export const toldTextSchema = v.pipe(v.string(), v.transform(escapeText));

/** An error that the other side tells. */
export const toldErrorSchema = v.object({ code: codeSchema, message: toldTextSchema });

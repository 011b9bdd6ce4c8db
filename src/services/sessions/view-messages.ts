import * as v from 'valibot';
import { commandSchema } from '../../protocol/command.ts';
import { countSchema, runIdSchema } from '../../protocol/exit-fields.ts';
import { MAX_TERMINAL_CELLS, MAX_TERMINAL_PIXELS } from '../../protocol/limits.ts';
import type { SessionView } from '../../protocol/session.ts';
import { toldTextSchema } from '../../protocol/told-text.ts';
import { jobOutcomeSchema } from '../jobs/outcome-messages.ts';

const cells = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_TERMINAL_CELLS));
const pixels = v.exactOptional(
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_TERMINAL_PIXELS)),
);

/** The schema of the size of a client's terminal. */
export const terminalSizeSchema = v.object({
  columns: cells,
  rows: cells,
  widthPixels: pixels,
  heightPixels: pixels,
});

/** The schema of what a client may do. */
export const sessionModeSchema = v.picklist(['drive', 'view']);

/** The schema of the name of a session. */
export const sessionNameSchema = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'the name of a session has 1 to 64 characters of A-Z a-z 0-9 . _ - and begins with a letter or a digit',
  ),
);

const clientSchema = v.object({
  who: toldTextSchema,
  mode: sessionModeSchema,
  columns: cells,
  rows: cells,
  sinceMs: countSchema,
});

/** SessionView */
export const sessionViewSchema: v.GenericSchema<SessionView> = v.object({
  id: runIdSchema,
  name: sessionNameSchema,
  state: v.picklist(['starting', 'running', 'ended']),
  command: commandSchema,
  who: toldTextSchema,
  createdMs: countSchema,
  endedMs: v.nullable(countSchema),
  pid: v.nullable(v.number()),
  columns: cells,
  rows: cells,
  title: toldTextSchema,
  idleMs: countSchema,
  recording: v.nullable(toldTextSchema),
  clients: v.array(clientSchema),
  outcome: v.nullable(jobOutcomeSchema),
});

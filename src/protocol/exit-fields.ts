import * as v from 'valibot';
import { MAX_RUN_ID_CHARACTERS } from './limits.ts';
import { RUN_ID } from './run-id.ts';

/** Windows has 32 bits. On Unix an exit code is at most 255. */
const HIGHEST_EXIT_CODE = 0xffff_ffff;

/** The exit code in an outcome. */
export const exitCodeSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(HIGHEST_EXIT_CODE));

/** The name of a signal, such as `SIGTERM` or `SIG34`. */
export const signalNameSchema = v.pipe(v.string(), v.regex(/^SIG[A-Z0-9+-]{1,16}$/));

/** A code of the catalogue, possibly of a later version. */
export const codeSchema = v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,63}$/));

/** The schema of a symbolic errno, such as ENOENT. */
export const errnoSchema = v.pipe(v.string(), v.regex(/^E[A-Z0-9]{1,20}$/));

export const pidsSchema = v.array(v.pipe(v.number(), v.integer(), v.minValue(1)));

/** The maximum of a Date, in ms since 1970. */
const LATEST_MS = 8.64e15;

/** A count of bytes, characters or milliseconds, or a timestamp. Bounded, since JSON numbers can overflow to Infinity. */
export const countSchema = v.pipe(v.number(), v.minValue(0), v.maxValue(LATEST_MS));

/** The id of a run or a job. */
export const runIdSchema = v.pipe(
  v.string(),
  v.regex(RUN_ID, `an id has 1 to ${MAX_RUN_ID_CHARACTERS} characters of A-Z a-z 0-9 . _ : -`),
);

import * as v from 'valibot';

/** What Windows has: 32 bits. On Unix it is at most 255. */
const HIGHEST_EXIT_CODE = 0xffff_ffff;

/** The exit code in an outcome. */
export const exitCodeSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(HIGHEST_EXIT_CODE));

/** The name of a signal, such as `SIGTERM` or `SIG34`. */
export const signalNameSchema = v.pipe(v.string(), v.regex(/^SIG[A-Z0-9+-]{1,16}$/));

/** A code of the catalogue, perhaps of a later version. */
export const codeSchema = v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,63}$/));

export const pidsSchema = v.array(v.pipe(v.number(), v.integer(), v.minValue(1)));

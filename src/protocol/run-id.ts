import { MAX_RUN_ID_CHARACTERS } from './limits.ts';

/** Matches the id of a run or a job. */
export const RUN_ID = new RegExp(`^[A-Za-z0-9._:-]{1,${MAX_RUN_ID_CHARACTERS}}$`);

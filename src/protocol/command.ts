import * as v from 'valibot';
import type { AskedCommand } from './job.ts';
import { wireWordSchema } from './word-schema.ts';

/** The command of a request: a program with its exact arguments, a shell line, a subsystem, or the login shell. */
export const commandSchema: v.GenericSchema<AskedCommand> = v.union(
  [
    v.strictObject({ argv: v.pipe(v.array(wireWordSchema), v.minLength(1), v.readonly()) }),
    v.strictObject({ line: wireWordSchema }),
    v.strictObject({ subsystem: v.pipe(v.string(), v.minLength(1), v.maxLength(64)) }),
    v.strictObject({ shell: v.literal('login') }),
  ],
  'either {"argv": [FILE, ...]}, {"line": "..."}, {"shell": "login"} or {"subsystem": "..."} is expected',
);

import * as v from 'valibot';

/** What is to be run: a program with exactly these arguments, a line of the user's shell, or that shell itself. */
export const commandSchema = v.union(
  [
    v.strictObject({ argv: v.pipe(v.array(v.string()), v.minLength(1), v.readonly()) }),
    v.strictObject({ line: v.string() }),
    v.strictObject({ shell: v.literal('login') }),
  ],
  'either {"argv": [FILE, ...]}, {"line": "..."} or {"shell": "login"} is expected',
);

export type AskedCommand = v.InferOutput<typeof commandSchema>;

import * as v from 'valibot';
import type { WireWord } from './word.ts';

/** The schema of a word in a message. */
export const wireWordSchema: v.GenericSchema<WireWord> = v.union(
  [v.string(), v.strictObject({ hex: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})*$/)) })],
  'text or {"hex": "..."} is expected',
);

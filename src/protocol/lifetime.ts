import * as v from 'valibot';
import type { Lifetime } from './job.ts';
import { MAX_LINGER_MS } from './limits.ts';

/** How long a run continues without a client; docs/jobs.md. */
export const lifetimeSchema: v.GenericSchema<Lifetime> = v.union(
  [
    v.picklist(['with-client', 'detached']),
    v.strictObject({ lingerMs: v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_LINGER_MS)) }),
  ],
  'either "with-client", "detached" or {"lingerMs": n} is expected',
);

import type { ValuesOf } from '../../command-line/command-spec.ts';
import type { SMOKE_COMMAND } from '../tables/smoke.ts';

/** What the command line of `rexa smoke` says. */
export type SmokeValues = ValuesOf<typeof SMOKE_COMMAND>;

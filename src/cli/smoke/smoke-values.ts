import type { OptionValues } from '../../command-line/option-table.ts';
import type { SMOKE_COMMAND } from '../tables/smoke.ts';

/** What the command line of `rexa smoke` says. */
export type SmokeValues = OptionValues<(typeof SMOKE_COMMAND)['options']>;

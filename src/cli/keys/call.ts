import type { OptionValues } from '../../command-line/option-table.ts';
import type { Messages } from '../output/messages.ts';
import type { KEYS_COMMAND } from '../tables/keys.ts';

/** A command line of `rexa keys`. */
export interface KeysCall {
  readonly values: OptionValues<(typeof KEYS_COMMAND)['options']>;
  /** What stands behind the action. */
  readonly words: readonly string[];
  readonly messages: Messages;
}

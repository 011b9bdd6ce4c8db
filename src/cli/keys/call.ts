import type { ValuesOf } from '../../command-line/command-spec.ts';
import type { Messages } from '../output/messages.ts';
import type { KEYS_COMMAND } from '../tables/keys.ts';

/** A command line of `rexa keys`. */
export interface KeysCall {
  readonly values: ValuesOf<typeof KEYS_COMMAND>;
  /** What stands behind the action. */
  readonly words: readonly string[];
  readonly messages: Messages;
}

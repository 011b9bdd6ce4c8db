import { readAction, refuseStrangeOptions } from '../../command-line/actions.ts';
import type { Parsed } from '../../command-line/command-spec.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { addHostKey } from '../keys/add.ts';
import { authorizeKeys } from '../keys/authorize.ts';
import type { KeysCall } from '../keys/call.ts';
import { copyKeys } from '../keys/copy.ts';
import { listKeys } from '../keys/list.ts';
import { removeHostKeys } from '../keys/remove.ts';
import { revokeKeys } from '../keys/revoke.ts';
import { createMessages } from '../output/messages.ts';
import { reportError } from '../output/report-error.ts';
import { KEY_ACTIONS, type KEYS_COMMAND, type KeyAction } from '../tables/keys.ts';

const ACTIONS: Readonly<
  Record<KeyAction, { readonly mostWords: number; run(call: KeysCall): Promise<number> }>
> = {
  list: { mostWords: 0, run: listKeys },
  // A key may have a comment behind it
  add: { mostWords: Number.POSITIVE_INFINITY, run: addHostKey },
  remove: { mostWords: 1, run: removeHostKeys },
  authorize: { mostWords: 1, run: authorizeKeys },
  revoke: { mostWords: 1, run: revokeKeys },
  copy: { mostWords: 2, run: copyKeys },
};

/** Options that belong to some actions alone. */
const OWN_OPTIONS: Readonly<Record<string, readonly KeyAction[]>> = {
  command: ['authorize'],
  from: ['authorize'],
  restrict: ['authorize'],
  pty: ['authorize'],
  expires: ['authorize'],
  environment: ['authorize'],
  'cert-authority': ['authorize'],
  principals: ['authorize'],
  to: ['authorize'],
  'daemon-config': ['list', 'authorize', 'revoke'],
  authorized: ['list'],
  file: ['list', 'revoke'],
  json: ['list'],
  'accept-new': ['add', 'copy'],
};

/** `rexa keys`: the keys of hosts, and one's own. */
export async function run({ values, operands, rest }: Parsed<typeof KEYS_COMMAND>): Promise<number> {
  const [name, ...more] = operands;
  const action = readAction('rexa keys', KEY_ACTIONS, name);
  const words = [...more, ...(rest ?? [])];
  const extra = words[ACTIONS[action].mostWords];
  if (extra !== undefined)
    throw usageError(`unexpected argument ${quoteWord(extra)} for rexa keys ${action}`);
  refuseOptions(action, values);
  const messages = createMessages(values);
  try {
    return await ACTIONS[action].run({ values, words, messages });
  } catch (error) {
    return reportError(error, messages);
  }
}

function refuseOptions(action: KeyAction, values: KeysCall['values']): void {
  refuseStrangeOptions('rexa keys', action, values, OWN_OPTIONS);
  if (action === 'list' && values.file !== undefined && !values.authorized)
    throw usageError('--file is for rexa keys list --authorized');
  if (action === 'list' && values['daemon-config'] !== undefined && !values.authorized)
    throw usageError('--daemon-config is for rexa keys list --authorized');
}

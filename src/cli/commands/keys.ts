import { suggestClosest } from '../../command-line/closest-name.ts';
import type { ParsedWords } from '../../command-line/parse-words.ts';
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
const OWN_OPTIONS: Readonly<Record<string, KeyAction | readonly KeyAction[]>> = {
  command: 'authorize',
  from: 'authorize',
  restrict: 'authorize',
  pty: 'authorize',
  expires: 'authorize',
  environment: 'authorize',
  'cert-authority': 'authorize',
  principals: 'authorize',
  to: 'authorize',
  'daemon-config': ['list', 'authorize', 'revoke'],
  authorized: 'list',
  file: ['list', 'revoke'],
  json: 'list',
  'accept-new': ['add', 'copy'],
};

/** `rexa keys`: the keys of hosts, and one's own. */
export async function run({
  values,
  operands,
  rest,
}: ParsedWords<(typeof KEYS_COMMAND)['options']>): Promise<number> {
  const [name, ...more] = operands;
  const action = readAction(name);
  const words = [...more, ...(rest ?? [])];
  const extra = words[ACTIONS[action].mostWords];
  if (extra !== undefined)
    throw usageError(`unexpected argument ${quoteWord(extra)} for rexa keys ${action}`);
  refuseStrangeOptions(action, values);
  const messages = createMessages(values);
  try {
    return await ACTIONS[action].run({ values, words, messages });
  } catch (error) {
    return reportError(error, messages);
  }
}

function readAction(name: string | undefined): KeyAction {
  const known = KEY_ACTIONS.find((action) => action === name);
  if (known !== undefined) return known;
  const all = KEY_ACTIONS.join(', ');
  if (name === undefined) throw usageError(`an action is missing: ${all}`);
  const hint = suggestClosest(name, KEY_ACTIONS, `; use ${all}`);
  throw usageError(`unknown action ${quoteWord(name)} for rexa keys${hint}`);
}

function refuseStrangeOptions(action: KeyAction, values: KeysCall['values']): void {
  for (const [name, owner] of Object.entries(OWN_OPTIONS)) {
    const owners = [owner].flat();
    const value: unknown = values[name as keyof KeysCall['values']];
    const isGiven = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
    if (isGiven && !owners.includes(action))
      throw usageError(`--${name} is for rexa keys ${owners.join(' and ')}, not for ${action}`);
  }
  if (action === 'list' && values.file !== undefined && !values.authorized)
    throw usageError('--file is for rexa keys list --authorized');
  if (action === 'list' && values['daemon-config'] !== undefined && !values.authorized)
    throw usageError('--daemon-config is for rexa keys list --authorized');
}

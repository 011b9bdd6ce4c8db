import { suggestClosest } from './closest-name.ts';
import { quoteWord, usageError } from './usage-error.ts';

/**
 * Reads the word of a command that says what it is to do.
 * @param command as its user calls it: `rexa keys`
 * @throws RexaError USAGE
 */
export function readAction<Action extends string>(
  command: string,
  actions: readonly Action[],
  word: string | undefined,
): Action {
  const all = actions.join(', ');
  if (word === undefined) throw usageError(`an action is missing: ${all}`);
  const action = actions.find((known) => known === word);
  if (action !== undefined) return action;
  const hint = suggestClosest(word, actions, `; use ${all}`);
  throw usageError(`unknown action ${quoteWord(word)} for ${command}${hint}`);
}

/**
 * Refuses options that belong to other actions of a command.
 * @param owners the actions that an option belongs to, by its name
 * @throws RexaError USAGE
 */
export function refuseStrangeOptions<Action extends string>(
  command: string,
  action: Action,
  values: Readonly<Record<string, unknown>>,
  owners: Readonly<Record<string, readonly Action[]>>,
): void {
  for (const [name, own] of Object.entries(owners)) {
    const given = values[name];
    const isGiven = Array.isArray(given) ? given.length > 0 : given !== undefined && given !== false;
    if (isGiven && !own.includes(action))
      throw usageError(`--${name} is for ${command} ${own.join(' and ')}, not for ${action}`);
  }
}

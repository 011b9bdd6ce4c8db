import { matchesWildcards } from '../../auth/wildcards.ts';
import { type OwnEnvironment, recoverEnvironment } from '../../command-line/own-bytes.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { ACCOUNT_VARIABLES } from '../../protocol/account-variables.ts';
import { userEnvironment } from '../../runtime/node-variables.ts';
import { findGivenProcess } from './background-mark.ts';

/**
 * Picks the variables of ours that patterns of SendEnv name, with `*` and `?`. Values are byte text (see `readByteText`). A name that is not UTF-8 is left out.
 * @throws RexaError USAGE for a value whose bytes the system does not show
 */
export function pickEnvironment(
  patterns: readonly string[],
  { variables, isExact }: OwnEnvironment = recoverEnvironment(process.env, findGivenProcess()),
): Record<string, string> {
  const own = new Map(Object.entries(userEnvironment(variables)));
  const picked = new Map<string, string>();
  for (const pattern of patterns) {
    for (const [name, value] of own) {
      const isPicked = value !== undefined && name.isWellFormed() && matchesWildcards(pattern, name);
      if (isPicked) picked.set(name, value);
    }
  }
  const [lossy] = isExact ? [] : [...picked].filter(([, value]) => value.includes('\ufffd'));
  if (lossy !== undefined) {
    const what = `the variable ${lossy[0]} is not valid UTF-8, or holds the character U+FFFD`;
    throw usageError(`SendEnv: ${what}, and this system does not show its bytes`);
  }
  return Object.fromEntries(picked);
}

/** The variables that SetEnv names, but those of the account; of two of a name the first counts. */
export function joinAssignments(
  assignments: readonly (readonly [name: string, value: string])[],
): Record<string, string> {
  return Object.fromEntries(assignments.filter(([name]) => !ACCOUNT_VARIABLES.includes(name)).toReversed());
}

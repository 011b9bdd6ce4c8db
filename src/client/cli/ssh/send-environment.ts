import { matchesWildcards } from '../../../auth/wildcards.ts';
import { userEnvironment } from '../../../link/node-variables.ts';

/**
 * The variables of ours that patterns name, as SendEnv has it: `*` and `?`; `-PATTERN` takes back what those before it
 * have named.
 */
export function pickEnvironment(
  patterns: readonly string[],
  own: Readonly<Record<string, string | undefined>> = userEnvironment(),
): Record<string, string> {
  const picked = new Map<string, string>();
  for (const pattern of patterns) {
    const isTaken = pattern.startsWith('-');
    const names = isTaken ? [...picked.keys()] : Object.keys(own);
    for (const name of names.filter((each) => matchesWildcards(isTaken ? pattern.slice(1) : pattern, each))) {
      const value = own[name];
      if (isTaken || value === undefined) picked.delete(name);
      else picked.set(name, value);
    }
  }
  return Object.fromEntries(picked);
}

/** The variables that SetEnv names; of two of a name the first counts. */
export function joinAssignments(
  assignments: readonly (readonly [name: string, value: string])[],
): Record<string, string> {
  return Object.fromEntries(assignments.toReversed());
}

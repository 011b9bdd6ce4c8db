import * as v from 'valibot';
import { suggestClosest } from '../command-line/closest-name.ts';

/** A map with these keys and no others; of one that is misspelt it is said which was probably meant. */
export function strictMap<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.strictObject(entries, (issue) => describe(issue, Object.keys(entries)));
}

/** A sentence for a value of another type. */
export function expectType(what: string): (issue: Pick<v.BaseIssue<unknown>, 'received'>) => string {
  return ({ received }) => `expected ${what}, not ${RECEIVED[received] ?? received}`;
}

const RECEIVED: Readonly<Record<string, string>> = { Array: 'a list', Object: 'a map', null: 'nothing' };

/** Whether a list stands where a map belongs: its indexes are told as keys that do not belong there. */
export function isListForMap({ type, path }: v.BaseIssue<unknown>): boolean {
  return type === 'strict_object' && Array.isArray(path?.at(-1)?.input);
}

function describe(issue: v.StrictObjectIssue, known: readonly string[]): string {
  const key = String(issue.path?.at(-1)?.key);
  if (isListForMap(issue)) return expectType('a map')({ received: 'Array' });
  if (issue.expected === 'Object') return expectType('a map')(issue);
  if (issue.expected !== 'never') return `${key} is missing`;
  return `unknown setting ${key}${suggestClosest(key, known, `; valid settings: ${known.join(', ')}`)}`;
}

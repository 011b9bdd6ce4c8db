import { expandVariables } from '../parse/expand-variables.ts';
import type { Suite } from '../suite.ts';

/** What stands in the place of a secret. */
const MASK = '***';

/** Takes the values of secrets out of texts: whole ones, and each line of those that have several. */
export function createMask(values: Iterable<string>): (text: string) => string {
  const parts = [...values].flatMap((value) => [value, ...value.split(/\r?\n/), value.trim()]);
  // The longest first: one may be a part of another
  const secrets = [...new Set(parts)].filter((part) => part !== '').toSorted((a, b) => b.length - a.length);
  if (secrets.length === 0) return (text) => text;
  return (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
}

/** Returns the values of the variables that files, tests and steps name as secrets: in this process, and in the files. */
export function findSecrets(suites: readonly Suite[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { secrets, tests, setup, teardown } of suites) {
    const steps = [
      ...tests.flatMap((test) => [test, ...test.setup, ...test.teardown]),
      ...setup,
      ...teardown,
    ];
    for (const name of new Set([...secrets, ...steps.flatMap(({ run }) => run.secrets)])) {
      found.add(process.env[name] ?? '');
      for (const { run } of steps) found.add(expandVariables(run.env.get(name) ?? '', process.env));
    }
  }
  found.delete('');
  return found;
}

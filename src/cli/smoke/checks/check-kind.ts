import type { OutputCheck } from '../assertions/checked-output.ts';
import { CONFIG_FIELDS } from '../parse/config-fields.ts';
import {
  boolean,
  type FieldTable,
  type FieldValues,
  filledText,
  mapField,
  oneOrMore,
} from '../parse/fields.ts';
import { showKey } from '../parse/mistake.ts';

/** What every check may have beside what it asserts. */
export const COMMON_CHECK_FIELDS = {
  title: filledText('How it is called in reports'),
  skip: boolean('Leave it out'),
  tags: oneOrMore('Words for --tag and --skip-tag', filledText('A word')),
  needs: oneOrMore('Titles of tests that have to pass first', filledText('A title')),
  'only-on': oneOrMore('Patterns of the hosts that it runs on', filledText('A pattern')),
  config: mapField('How it is run', CONFIG_FIELDS),
} as const;

/** A check as a command and what it has to write. */
export interface CheckCommand {
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly stdout: readonly OutputCheck[];
  readonly stderr?: readonly OutputCheck[];
}

/** A kind of checks: a key of the file, with a map of what is checked. */
export interface CheckKind<Table extends FieldTable = FieldTable> {
  /** `port`. */
  readonly key: string;
  readonly about: string;
  readonly fields: Table;
  /** @param name what is checked: the key in the map @returns a sentence about a name that is none */
  make(name: string, values: FieldValues<Table>): CheckCommand | string;
}

/** A program of sh with exactly these arguments. */
export function shellProgram(program: string, ...args: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', program, 'sh', ...args];
}

/** A fact that has to be as it is wanted. */
export function expectFact(
  key: string,
  wanted: string,
  read: (output: string) => string | null,
): OutputCheck {
  return {
    key,
    words: `says that ${key} is ${wanted}`,
    check({ whole }) {
      const found = read(whole);
      if (found === wanted) return null;
      const message =
        found === null ? `${showKey(key)} is not known` : `${showKey(key)} is ${found}, not ${wanted}`;
      return { message, expected: wanted, ...(found === null ? {} : { actual: found }) };
    },
  };
}

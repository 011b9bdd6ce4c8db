import type { OutcomeName } from '../../../protocol/outcome.ts';
import { OUTPUT_FIELDS, outputField } from '../assertions/output-fields.ts';
import { TERMINAL_FIELD } from '../terminal/terminal-fields.ts';
import { CONFIG_FIELDS, duration } from './config-fields.ts';
import {
  boolean,
  type Field,
  filledText,
  integer,
  listOf,
  mapField,
  mapped,
  oneOf,
  oneOrMore,
  orNothing,
  recordOf,
  text,
  writtenText,
} from './fields.ts';
import { MistakeError, showKey } from './mistake.ts';
import type { YamlValue } from './yaml-value.ts';

const OUTCOMES: readonly OutcomeName[] = [
  'exited',
  'signaled',
  'timed-out',
  'canceled',
  'not-started',
  'denied',
  'unreachable',
  'lost',
];

const signal: Field<string> = mapped(
  writtenText('The signal that has to end it: SIGTERM'),
  (written, value) => {
    const name = written.toUpperCase();
    const found = name.startsWith('SIG') ? name : `SIG${name}`;
    if (/^SIG[A-Z0-9+-]+$/.test(found)) return found;
    throw new MistakeError(value.place, `'${written}' is no signal; one is SIGTERM`);
  },
);

const MOST = Number.MAX_SAFE_INTEGER;
const EXIT_CODE = 'The exit status that it has to have. Default: 0; -1: a signal ended it';

/** How a command is written. */
const COMMAND_FIELDS = {
  command: orNothing(filledText('A line for /bin/sh')),
  argv: listOf('A program and exactly these arguments, without a shell', text('A word')),
} as const;

/** What a command has to come to. */
const EXPECT_FIELDS = {
  'exit-code': orNothing(integer(EXIT_CODE, Number.MIN_SAFE_INTEGER, MOST)),
  outcome: oneOf('What has to become of it', OUTCOMES),
  signal,
  within: duration('How long it may take at most'),
  survivors: oneOf('Whether processes may be left that could not be ended', ['none']),
  complete: boolean('Whether all who held its output have to be gone'),
  replaced: integer('How many characters of both streams could not be mapped', 0, MOST),
  stdout: outputField('What it writes: a text that is in it, or assertions'),
  stderr: outputField('The same of stderr'),
} as const;

/** A command of `setup` or `teardown`. */
export const STEP_FIELDS = {
  ...COMMAND_FIELDS,
  stdin: text('What it reads'),
  encoding: filledText('What it writes and reads: host, auto, binary, gbk …'),
  ...EXPECT_FIELDS,
  config: mapField('How it is run, before what the file says', CONFIG_FIELDS),
} as const;

const STEPS = {
  setup: 'Commands that run before',
  teardown: 'Commands that run behind, whatever happened',
} as const;

/** What `setup` and `teardown` are in the JSON Schema; they are read by read-test.ts. */
const STEPS_SCHEMA = (about: string) => ({
  description: about,
  anyOf: [{ type: 'string' }, { type: 'array', items: { type: ['string', 'object'] } }, { type: 'object' }],
});

/** A test. `setup` and `teardown` are read apart, since they need what the file says. */
export const TEST_FIELDS = {
  ...STEP_FIELDS,
  terminal: TERMINAL_FIELD,
  skip: orNothing(boolean('Leave it out')),
  id: filledText('The host never runs it twice under this id; $NAME is a variable of this process'),
  needs: oneOrMore('Titles of tests that have to pass first', filledText('A title')),
  tags: oneOrMore('Words for --tag and --skip-tag', filledText('A word')),
  'only-on': oneOrMore(
    'Patterns of the hosts that it runs on; it is skipped on others',
    filledText('A pattern'),
  ),
  matrix: recordOf(
    'The test runs once for each combination of these values: {{NAME}} in texts, $NAME in the command',
    oneOrMore('Values', writtenText('A value')),
    (key) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? null : `${showKey(key)} is no name of a variable`),
  ),
  setup: stepsField(STEPS.setup),
  teardown: stepsField(STEPS.teardown),
} as const;

/** Keeps the place of commands; read-test.ts reads them. */
function stepsField(about: string): Field<YamlValue> {
  return { about, schema: STEPS_SCHEMA(about), read: (value) => value };
}

/** What a file may hold beside nodes, tests and checks. */
export const FILE_FIELDS = {
  config: mapField('How all tests are run', CONFIG_FIELDS),
  setup: stepsField('Commands that run on each host before its tests'),
  teardown: stepsField('Commands that run on each host behind its tests, whatever happened'),
} as const;

/** Where a key stands that was put into a test. */
export function findPlaceOfKey(key: string): string | null {
  if (Object.hasOwn(CONFIG_FIELDS, key)) return `${key} stands under config`;
  if (Object.hasOwn(OUTPUT_FIELDS, key)) return `${key} stands under stdout or stderr`;
  return null;
}

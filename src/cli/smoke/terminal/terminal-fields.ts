import type { OutputCheck } from '../assertions/checked-output.ts';
import { checkPattern, readPattern } from '../assertions/make-check.ts';
import { outputField, SCREEN_FIELDS } from '../assertions/output-fields.ts';
import { MAX_SCREEN_CELLS } from '../limits.ts';
import { duration } from '../parse/config-fields.ts';
import {
  type Field,
  type FieldValues,
  filledText,
  integer,
  listOf,
  mapOf,
  mapped,
  oneOrMore,
  readFields,
  schemaOf,
  unexpected,
  writtenText,
} from '../parse/fields.ts';
import { MistakeError } from '../parse/mistake.ts';
import {
  isList,
  isMap,
  isNothing,
  itemsOf,
  scalarOf,
  writtenOf,
  type YamlValue,
} from '../parse/yaml-value.ts';
import { findKey, type Key } from './key-table.ts';
import type { TerminalPlan, TerminalStep } from './terminal-plan.ts';

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

const SIZE_FIELDS = {
  columns: integer(`Columns of the terminal. Default: ${DEFAULT_COLUMNS}`, 2, MAX_SCREEN_CELLS),
  rows: integer(`Rows of the terminal. Default: ${DEFAULT_ROWS}`, 1, MAX_SCREEN_CELLS),
} as const;

const VARIABLE_FIELDS = { env: filledText('The name of a variable') } as const;

const key: Field<Key> = mapped(
  writtenText('A key as tmux names it: Enter, Up, C-c, M-x, F1, or one character'),
  (written, value) => {
    const found = findKey(written);
    if (typeof found === 'string') throw new MistakeError(value.place, found);
    return found;
  },
);

/** The steps of a test on a terminal: each is a map with one of these keys. */
export const STEP_FIELDS_OF_TERMINAL = {
  expect: look(
    'expect',
    'Waits for it on the screen: a text, /a regular expression/, or assertions',
    readExpect,
  ),
  screen: look('screen', 'The same, where a text is always a text', (value, field) => field.read(value)),
  send: sendField('Types a text as it is, or the value of a variable: {env: NAME}'),
  key: mapped(oneOrMore('Presses keys, as tmux names them: Enter, Up, C-c, F1', key), pressKeys),
  resize: resizeField('Gives the terminal another size'),
} as const satisfies Readonly<Record<string, Field<TerminalStep>>>;

const step: Field<TerminalStep> = {
  about: 'A step',
  schema: { ...schemaOf(STEP_FIELDS_OF_TERMINAL), minProperties: 1, maxProperties: 1 },
  read(value) {
    if (isNothing(value) || !isMap(value)) throw unexpected(value, 'a step', `; one is key: Enter`);
    const { values, places } = readFields(value, STEP_FIELDS_OF_TERMINAL);
    if (places.size === 0) throw new MistakeError(value.place, 'expected a step, such as key: Enter');
    if (places.size > 1) {
      const [, second = value.place] = [...places.values()];
      throw new MistakeError(second, 'each step does one thing: begin another one here, with -');
    }
    // What is wrong with it is told already
    const [found = { kind: 'keys', keys: [] }] = Object.values(values);
    return found;
  },
};

/** What `terminal` may hold, where it is no list of steps. */
export const PLAN_FIELDS = {
  ...SIZE_FIELDS,
  wait: duration('How long each step waits for the screen. Default: as long as the test may run, else 10s'),
  steps: listOf('What is done, in this order', step),
} as const;

/** `terminal`: steps, or a map with the terminal's size too. */
export const TERMINAL_FIELD: Field<TerminalPlan> = {
  about: 'Run it on a terminal, and do these steps there',
  schema: {
    anyOf: [PLAN_FIELDS.steps.schema, schemaOf(PLAN_FIELDS)],
    description: 'Run it on a terminal, and do these steps there',
  },
  read(value) {
    const { columns = DEFAULT_COLUMNS, rows = DEFAULT_ROWS, wait = null, steps = [] } = readPlan(value);
    return { columns, rows, waitMs: wait, steps };
  },
};

function readPlan(value: YamlValue): FieldValues<typeof PLAN_FIELDS> {
  return isList(value) ? { steps: PLAN_FIELDS.steps.read(value) } : readFields(value, PLAN_FIELDS).values;
}

/** What cannot stand beside `terminal`, and why. */
const BESIDE_TERMINAL: Readonly<Record<string, string>> = {
  stdin: 'send and key type on a terminal',
  stderr: 'a terminal shows it on the screen, which stdout is about',
  id: 'what was typed once is not typed again',
};

/** @param places the keys of the test @throws MistakeError */
export function checkTerminal(
  places: ReadonlyMap<string, YamlValue['place']>,
  stdout: readonly OutputCheck[],
): void {
  for (const [name, reason] of Object.entries(BESIDE_TERMINAL)) {
    const place = places.get(name);
    if (place !== undefined) throw new MistakeError(place, `${name} cannot stand beside terminal: ${reason}`);
  }
  const place = places.get('stdout');
  const wrong = stdout.find((each) => !Object.hasOwn(SCREEN_FIELDS, each.key));
  if (place !== undefined && wrong !== undefined)
    throw new MistakeError(
      place,
      `${wrong.key} cannot be asserted of a screen; there are ${Object.keys(SCREEN_FIELDS).join(', ')}`,
    );
}

function pressKeys(keys: readonly Key[], value: YamlValue): TerminalStep {
  const isEmpty = isList(value) ? itemsOf(value).length === 0 : isNothing(value);
  if (isEmpty) throw new MistakeError(value.place, 'a key is missing here');
  return { kind: 'keys', keys };
}

type ChecksField = Field<readonly OutputCheck[]>;

function look(
  word: 'expect' | 'screen',
  about: string,
  read: (value: YamlValue, field: ChecksField) => readonly OutputCheck[],
): Field<TerminalStep> {
  const field = outputField(about, SCREEN_FIELDS);
  return {
    ...field,
    read(value) {
      const isEmpty = isMap(value) ? mapOf(value).length === 0 : isNothing(value) || scalarOf(value) === '';
      if (isEmpty) throw new MistakeError(value.place, 'nothing is asserted here');
      return { kind: 'look', word, checks: read(value, field) };
    },
  };
}

function readExpect(value: YamlValue, field: ChecksField): readonly OutputCheck[] {
  const [, source] = /^\/(.+)\/$/su.exec(scalarOf(value) === undefined ? '' : (writtenOf(value) ?? '')) ?? [];
  if (source === undefined) return field.read(value);
  return [{ key: 'matches', ...checkPattern(readPattern(source, value)) }];
}

function sendField(about: string): Field<TerminalStep> {
  const typed = writtenText(about);
  return {
    about,
    schema: {
      anyOf: [typed.schema, { ...schemaOf(VARIABLE_FIELDS), type: 'object', required: ['env'] }],
      description: about,
    },
    read(value) {
      if (!isMap(value)) {
        const sent = typed.read(value);
        if (sent === '')
          throw new MistakeError(value.place, 'there is nothing to send; Enter is a key: Enter');
        return { kind: 'send', text: sent };
      }
      const { values, places } = readFields(value, VARIABLE_FIELDS);
      if (places.size === 0) throw new MistakeError(value.place, 'env is missing here');
      return { kind: 'send-variable', name: values.env ?? '' };
    },
  };
}

function resizeField(about: string): Field<TerminalStep> {
  return {
    about,
    schema: { ...schemaOf(SIZE_FIELDS), type: 'object', required: ['columns', 'rows'], description: about },
    read(value) {
      const { values, places } = readFields(value, SIZE_FIELDS);
      if (!places.has('columns') || !places.has('rows'))
        throw new MistakeError(value.place, 'columns and rows are both needed here');
      const { columns = DEFAULT_COLUMNS, rows = DEFAULT_ROWS } = values;
      return { kind: 'resize', columns, rows };
    },
  };
}

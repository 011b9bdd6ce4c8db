import type { Place } from '../../../config/yaml-place.ts';
import { MAX_MATRIX_CASES } from '../limits.ts';
import type { Expectation, RunSettings, Step, Test, TestCommand } from '../suite.ts';
import { checkTerminal } from '../terminal/terminal-fields.ts';
import type { TerminalPlan } from '../terminal/terminal-plan.ts';
import { type ConfigValues, mergeConfig } from './config-fields.ts';
import { expandVariables } from './expand-variables.ts';
import { attempt, type FieldValues, type KeyPlaces, mapOf, readFields, unexpected } from './fields.ts';
import { MistakeError } from './mistake.ts';
import { findPlaceOfKey, STEP_FIELDS, TEST_FIELDS } from './test-fields.ts';
import {
  isList,
  isMap,
  isNothing,
  itemsOf,
  scalarOf,
  writtenOf,
  type YamlEntry,
  type YamlValue,
} from './yaml-value.ts';

type StepValues = FieldValues<typeof STEP_FIELDS> & {
  readonly id?: string;
  readonly terminal?: TerminalPlan;
};

/** As MAX_RUN_ID_CHARACTERS, without what tells tries apart. */
const RUN_ID = /^[A-Za-z0-9._:-]{1,100}$/;

/** A test of a file, and the title that others call it by. */
export interface ReadTest extends Test {
  readonly base: string;
}

/** Reads a test, once for each combination of the values of its matrix. */
export function readTests({ key, keyPlace, value }: YamlEntry, global: ConfigValues): readonly ReadTest[] {
  const rows = attempt(value, () => listCombinations(value)) ?? [new Map<string, string>()];
  return rows.flatMap(
    (values) => attempt(value, () => [readTest(key, keyPlace, { ...value, values }, global)]) ?? [],
  );
}

function readTest(base: string, place: Place, value: YamlValue, global: ConfigValues): ReadTest {
  const { values, places } = readFields(value, TEST_FIELDS, findPlaceOfKey);
  const config = mergeConfig(global, values.config ?? {});
  const title = titleOf(base, value.values);
  const run = makeRun(values, places, config, title, value);
  if (values.terminal !== undefined) attempt(value, () => checkTerminal(places, values.stdout ?? []));
  const withValues = { ...run, env: new Map([...run.env, ...value.values]) };
  return {
    base,
    title,
    place,
    run: withValues,
    expect: makeExpectation(values),
    ...readChoice(values, config),
    setup: values.setup === undefined ? [] : readSteps(values.setup, config),
    teardown: values.teardown === undefined ? [] : readSteps(values.teardown, config),
  };
}

/** When and where a test runs, and how often. */
export function readChoice(
  values: Pick<FieldValues<typeof TEST_FIELDS>, 'skip' | 'only-on' | 'needs' | 'tags'>,
  config: ConfigValues,
): Pick<Test, 'tries' | 'intervalMs' | 'skip' | 'nodes' | 'onlyOn' | 'needs' | 'tags'> {
  return {
    ...readTries(config),
    skip: values.skip ?? false,
    nodes: config.nodes ?? [],
    onlyOn: values['only-on'] ?? [],
    needs: values.needs ?? [],
    tags: values.tags ?? [],
  };
}

/** What runs before or behind tests: a line, a map, or a list of them. */
export function readSteps(value: YamlValue, config: ConfigValues): readonly Step[] {
  if (isNothing(value)) return [];
  const items = isList(value) ? itemsOf(value) : [value];
  return items.flatMap((item) => attempt(value, () => [readStep(item, config)]) ?? []);
}

function readStep(value: YamlValue, global: ConfigValues): Step {
  const { place } = value;
  if (typeof scalarOf(value) === 'string') {
    const line = writtenOf(value) ?? '';
    if (line === '') throw new MistakeError(place, 'expected a command, not an empty text');
    const run = makeRun({}, new Map(), global, line, value);
    return { title: line, place, run, expect: makeExpectation({}), ...readTries(global) };
  }
  if (!isMap(value)) throw unexpected(value, 'a command or a map');
  const { values, places } = readFields(value, STEP_FIELDS, findPlaceOfKey);
  const line = values.command ?? values.argv?.join(' ');
  if (line === undefined) throw new MistakeError(place, 'command is missing here');
  const config = mergeConfig(global, values.config ?? {});
  return {
    title: line,
    place,
    run: makeRun(values, places, config, line, value),
    expect: makeExpectation(values),
    ...readTries(config),
  };
}

/** As in commander, 0 is 1. */
function readTries({ retries = 1, interval = 0 }: ConfigValues): Pick<Step, 'tries' | 'intervalMs'> {
  return { tries: Math.max(1, retries), intervalMs: interval };
}

/** @throws MistakeError */
function makeRun(
  values: StepValues,
  places: KeyPlaces,
  config: ConfigValues,
  title: string,
  value: YamlValue,
): RunSettings {
  return {
    ...readSettings(config),
    command: chooseCommand(values, places, title, value),
    stdin: values.stdin ?? null,
    encoding: values.encoding ?? config.encoding ?? null,
    id: values.id === undefined ? null : readId(values.id, places.get('id') ?? value.place),
    terminal: values.terminal ?? null,
  };
}

/** How a command is run that says nothing about it itself. */
export function readSettings(config: ConfigValues): Omit<RunSettings, 'command'> {
  return {
    dir: config.dir ?? null,
    env: config.env ?? new Map(),
    inheritsEnv: config['inherit-env'] ?? false,
    secrets: config.secrets ?? [],
    timeoutMs: config.timeout === undefined || config.timeout === 0 ? null : config.timeout,
    stdin: null,
    encoding: config.encoding ?? null,
    id: null,
    terminal: null,
  };
}

function chooseCommand(
  { command, argv }: StepValues,
  places: KeyPlaces,
  title: string,
  value: YamlValue,
): TestCommand {
  if (command !== undefined && argv !== undefined)
    throw new MistakeError(
      places.get('argv') ?? value.place,
      'command and argv are both here: one of them is run',
    );
  if (argv === undefined) {
    const line = command ?? title;
    if (line.trim() === '') throw new MistakeError(value.place, 'the command is empty');
    refuseNul(line, value.place);
    return { kind: 'line', line };
  }
  if (argv[0] === undefined || argv[0] === '')
    throw new MistakeError(places.get('argv') ?? value.place, 'argv has no program');
  for (const word of argv) refuseNul(word, places.get('argv') ?? value.place);
  return { kind: 'argv', argv };
}

function refuseNul(word: string, place: Place): void {
  if (word.includes('\0')) throw new MistakeError(place, 'a command has no NUL character');
}

function readId(written: string, place: Place): string {
  const id = expandVariables(written, process.env);
  if (RUN_ID.test(id)) return id;
  throw new MistakeError(place, `'${id}' is no id; it has 1 to 100 of A-Z a-z 0-9 . _ : -`);
}

export function makeExpectation(values: StepValues): Expectation {
  const { outcome = null, signal = null } = values;
  const isOther = outcome !== null || signal !== null;
  return {
    exitCode: values['exit-code'] ?? (isOther && outcome !== 'exited' ? null : 0),
    outcome,
    signal,
    withinMs: values.within ?? null,
    survivors: values.survivors ?? null,
    complete: values.complete ?? null,
    replaced: values.replaced ?? null,
    stdout: values.stdout ?? [],
    stderr: values.stderr ?? [],
  };
}

/** The combinations of a test's matrix; one without values where it has none. */
function listCombinations(value: YamlValue): readonly ReadonlyMap<string, string>[] {
  const matrix =
    isNothing(value) || !isMap(value) ? undefined : mapOf(value).find(({ key }) => key === 'matrix');
  if (matrix === undefined) return [new Map()];
  const rows = [...TEST_FIELDS.matrix.read(matrix.value)].reduce<readonly ReadonlyMap<string, string>[]>(
    (found, [name, values]) => {
      const longer = found.flatMap((row) => values.map((each) => new Map([...row, [name, each]])));
      if (longer.length > MAX_MATRIX_CASES)
        throw new MistakeError(matrix.keyPlace, `it makes more than ${MAX_MATRIX_CASES} tests of one`);
      return longer;
    },
    [new Map()],
  );
  if (rows.length === 0)
    throw new MistakeError(matrix.keyPlace, 'one of its lists is empty: nothing would run');
  return rows;
}

function titleOf(base: string, values: ReadonlyMap<string, string>): string {
  if (values.size === 0) return base;
  const written = [...values].map(([name, each]) => `${name}=${each}`).join(', ');
  return `${base} [${written}]`;
}

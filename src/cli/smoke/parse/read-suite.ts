import { findClosestName, suggestClosest } from '../../../command-line/closest-name.ts';
import type { Place } from '../../../config/yaml-place.ts';
import { CHECKS } from '../checks/read-checks.ts';
import { MAX_SUITE_BYTES } from '../limits.ts';
import type { Suite, SuiteNode, Test } from '../suite.ts';
import { type ConfigValues, SECRETS_FIELD } from './config-fields.ts';
import { attempt, mapOf, unexpected } from './fields.ts';
import { MistakeError, SuiteError, sortMistakes } from './mistake.ts';
import { readNode } from './node-fields.ts';
import { type ReadTest, readSteps, readTests } from './read-test.ts';
import { FILE_FIELDS, findPlaceOfKey } from './test-fields.ts';
import { isMap, isNothing, parseYaml, type YamlEntry, type YamlValue } from './yaml-value.ts';

/** What a file may hold, in the order that messages name it. */
const FILE_KEYS = ['nodes', 'config', 'tests', 'setup', 'teardown', 'secrets', ...Object.keys(CHECKS)];

/**
 * Reads a file of tests.
 * @param file what it is called in messages
 * @throws SuiteError with all that is wrong
 */
export async function readSuite(bytes: Buffer, file: string): Promise<Suite> {
  const root = await parseYaml(bytes, file, MAX_SUITE_BYTES);
  const suite = attempt(root, () => readRoot(root, file));
  // What is wrong already is enough: what loads a package is looked at in what is right
  if (root.source.mistakes.length === 0) await Promise.all(root.source.later.map((check) => check()));
  const { mistakes, warnings } = root.source;
  if (suite === undefined || mistakes.length > 0) throw new SuiteError(sortMistakes(mistakes));
  return { ...suite, warnings: sortMistakes(warnings) };
}

function readRoot(root: YamlValue, file: string): Suite {
  if (isNothing(root)) throw new MistakeError(root.place, 'the file is empty: tests is missing');
  if (!isMap(root)) throw unexpected(root, 'a map with tests');
  const entries = new Map(mapOf(root).map((entry) => [entry.key, entry]));
  for (const { key, keyPlace } of entries.values())
    attempt(root, () => {
      if (!FILE_KEYS.some((known) => known === key)) throw new MistakeError(keyPlace, describeUnknown(key));
    });
  const read = <Found>(key: string, act: (value: YamlValue) => Found): Found | undefined => {
    const entry = entries.get(key);
    return entry === undefined ? undefined : attempt(root, () => act(entry.value));
  };
  const config = read('config', FILE_FIELDS.config.read) ?? {};
  const checks = Object.entries(CHECKS).flatMap(
    ([key, check]) => read(key, (value) => check.read(value, config)) ?? [],
  );
  const tests = readAllTests(root, entries.get('tests'), config, checks);
  return {
    file,
    nodes: read('nodes', readNodes) ?? new Map(),
    tests,
    setup: read('setup', (value) => readSteps(value, config)) ?? [],
    teardown: read('teardown', (value) => readSteps(value, config)) ?? [],
    parallel: config.parallel ?? null,
    secrets: [...(read('secrets', SECRETS_FIELD.read) ?? []), ...(config.secrets ?? [])],
    warnings: [],
  };
}

function describeUnknown(key: string): string {
  const otherwise = findPlaceOfKey(key) ?? `valid keys: ${FILE_KEYS.join(', ')}`;
  return `unknown key ${key}${suggestClosest(key, FILE_KEYS, `; ${otherwise}`)}`;
}

function readNodes(value: YamlValue): ReadonlyMap<string, SuiteNode> {
  const found = mapOf(value).flatMap(
    ({ key, value: child }) => attempt(value, () => [[key, readNode(key, child)] as const]) ?? [],
  );
  return new Map(found);
}

function readAllTests(
  root: YamlValue,
  entry: YamlEntry | undefined,
  config: ConfigValues,
  checks: readonly ReadTest[],
): readonly Test[] {
  const tests = entry === undefined ? [] : (attempt(root, () => readTestMap(entry)) ?? []);
  if (entry === undefined && checks.length === 0 && root.source.mistakes.length === 0)
    attempt(root, () => refuseMissing(root));
  const all = [...tests.flatMap((each) => readTests(each, config)), ...checks];
  attempt(root, () => refuseTwins(all));
  return sortByTitle(linkNeeds(root, all));
}

function readTestMap(entry: YamlEntry): readonly YamlEntry[] {
  if (isNothing(entry.value))
    throw new MistakeError(entry.keyPlace, 'tests is empty: a map of tests is expected');
  return mapOf(entry.value);
}

function refuseMissing(root: YamlValue): never {
  throw new MistakeError(root.place, 'tests is missing here');
}

/** In the order of commander: by the bytes of their titles. */
function sortByTitle(tests: readonly Test[]): readonly Test[] {
  return tests.toSorted((a, b) => Buffer.compare(Buffer.from(a.title), Buffer.from(b.title)));
}

/** Puts the titles of all cases of a matrix in the place of the one that they are called by. */
function linkNeeds(root: YamlValue, tests: readonly ReadTest[]): readonly Test[] {
  const cases = Map.groupBy(tests, ({ base }) => base);
  const titles = new Map(tests.map(({ title }) => [title, [title]]));
  const linked = tests.map(({ base: _base, ...test }) => ({
    ...test,
    needs: test.needs.flatMap((need) => {
      const meant = cases.get(need)?.map(({ title }) => title) ?? titles.get(need);
      if (meant === undefined) attempt(root, () => refuseNeed(need, test.place, [...cases.keys()]));
      return meant ?? [];
    }),
  }));
  attempt(root, () => refuseCircles(linked));
  return linked;
}

/** Two tests of one title could not be told apart. @throws MistakeError */
function refuseTwins(tests: readonly Test[]): void {
  const seen = new Set<string>();
  for (const { title, place } of tests) {
    if (seen.has(title)) throw new MistakeError(place, `there is another test with the title '${title}'`);
    seen.add(title);
  }
}

function refuseNeed(need: string, place: Place, titles: readonly string[]): never {
  const closest = findClosestName(need, titles);
  const hint = closest === null ? '' : `; did you mean '${closest}'?`;
  throw new MistakeError(place, `it needs '${need}', and there is no such test${hint}`);
}

/** @throws MistakeError */
function refuseCircles(tests: readonly Test[]): void {
  const byTitle = new Map(tests.map((test) => [test.title, test]));
  const done = new Set<string>();
  const visit = (test: Test, way: readonly string[]): void => {
    if (way.includes(test.title))
      throw new MistakeError(test.place, `it needs itself: ${[...way, test.title].join(' needs ')}`);
    if (done.has(test.title)) return;
    for (const need of test.needs) {
      const needed = byTitle.get(need);
      if (needed !== undefined) visit(needed, [...way, test.title]);
    }
    done.add(test.title);
  };
  for (const test of tests) visit(test, []);
}

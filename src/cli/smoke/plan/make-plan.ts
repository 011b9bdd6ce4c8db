import type { Config } from '../../../client/config/config-schema.ts';
import { matchesWildcard } from '../assertions/wildcard.ts';
import { SuiteError } from '../parse/mistake.ts';
import type { Suite, Test } from '../suite.ts';
import { chooseTargets, connectionKey } from './choose-targets.ts';
import type { Batch, Lane, Plan, PlannedCase, Target } from './plan.ts';

/** Which tests are run, where, and how often. */
export interface Selection {
  /** `--host`; empty: what the files say. */
  readonly hosts: readonly string[];
  /** A title contains one of these texts, or is matched by it as a regular expression; empty: all are. */
  readonly filters: readonly string[];
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** Keys of the tests that failed the last time; null: it does not matter. */
  readonly failed: ReadonlySet<string> | null;
  readonly shard: { readonly index: number; readonly count: number } | null;
  readonly repeat: number;
}

/** A test on a host, before it is known whether it is selected. */
interface Candidate {
  readonly suite: Suite;
  readonly test: Test;
  readonly target: Target;
}

/** How a test on a host is called from one run to the next. */
export function keyOf(file: string, title: string, host: string): string {
  return JSON.stringify([file, title, host]);
}

/**
 * Decides what is run: each selected test, and what it needs, on each of its hosts.
 * @throws SuiteError when a test needs one that does not run on the same host, or wants our environment on a remote host
 */
export function makePlan(suites: readonly Suite[], selection: Selection, config: Config | null): Plan {
  const candidates = suites.flatMap((suite) => listCandidates(suite, selection, config));
  const byKey = new Map(candidates.map((each) => [keyOfCandidate(each), each]));
  const wanted = new Set<Candidate>();
  const want = (each: Candidate): void => {
    if (wanted.has(each)) return;
    wanted.add(each);
    for (const need of needsOf(each, byKey)) want(need);
  };
  const matches = createMatcher(selection);
  for (const each of candidates) if (matches(each)) want(each);
  const chosen = candidates.filter((each) => wanted.has(each));
  const sharded = selection.shard === null ? chosen : takeShard(chosen, byKey, selection.shard);
  refuseRemoteEnvironment(sharded);
  const cases = numberCases(sharded, byKey, selection.repeat);
  return { cases, lanes: makeLanes(cases) };
}

function listCandidates(suite: Suite, { hosts }: Selection, config: Config | null): readonly Candidate[] {
  const order = orderByNeeds(suite.tests);
  const targets = new Map(suite.tests.map((test) => [test, chooseTargets(suite, test.nodes, hosts, config)]));
  const labels = new Set([...targets.values()].flatMap((each) => each.map(({ label }) => label)));
  return [...labels].flatMap((label) =>
    order.flatMap((test) => {
      const target = targets.get(test)?.find((each) => each.label === label);
      return target === undefined ? [] : [{ suite, test, target }];
    }),
  );
}

/** What a test needs stands before it; else the order stays. */
function orderByNeeds(tests: readonly Test[]): readonly Test[] {
  const byTitle = new Map(tests.map((test) => [test.title, test]));
  const ordered = new Set<Test>();
  const place = (test: Test): void => {
    for (const need of test.needs) {
      const needed = byTitle.get(need);
      if (needed !== undefined && !ordered.has(needed)) place(needed);
    }
    ordered.add(test);
  };
  for (const test of tests) place(test);
  return [...ordered];
}

function createMatcher({ filters, tags, skipTags, failed }: Selection): (each: Candidate) => boolean {
  const patterns = filters.map(createFilter);
  return (each) => {
    const { test } = each;
    if (patterns.length > 0 && !patterns.some((matches) => matches(test.title))) return false;
    if (tags.length > 0 && !test.tags.some((tag) => tags.includes(tag))) return false;
    if (test.tags.some((tag) => skipTags.includes(tag))) return false;
    return failed === null || failed.has(keyOfCandidate(each));
  };
}

/** A text that a title contains, or, as in commander, a regular expression. */
function createFilter(filter: string): (title: string) => boolean {
  let pattern: RegExp | null = null;
  try {
    pattern = new RegExp(filter, 'u');
  } catch {
    // It is a text
  }
  return (title) => title.includes(filter) || (pattern?.test(title) ?? false);
}

function keyOfCandidate({ suite, test, target }: Candidate): string {
  return keyOf(suite.file, test.title, target.label);
}

/** @throws SuiteError */
function needsOf(
  { suite, test, target }: Candidate,
  byKey: ReadonlyMap<string, Candidate>,
): readonly Candidate[] {
  return test.needs.map((title) => {
    const needed = byKey.get(keyOf(suite.file, title, target.label));
    if (needed !== undefined) return needed;
    const reason = `it needs '${title}', which does not run on ${target.label}`;
    throw new SuiteError([{ file: suite.file, place: test.place, reason }]);
  });
}

/** Every n-th of what has to stay together: a test and all that it needs. */
function takeShard(
  chosen: readonly Candidate[],
  byKey: ReadonlyMap<string, Candidate>,
  { index, count }: NonNullable<Selection['shard']>,
): readonly Candidate[] {
  const groupOf = new Map<Candidate, Candidate>(chosen.map((each) => [each, each]));
  const findGroup = (each: Candidate): Candidate => {
    const parent = groupOf.get(each) ?? each;
    return parent === each ? each : findGroup(parent);
  };
  for (const each of chosen)
    for (const need of needsOf(each, byKey)) groupOf.set(findGroup(each), findGroup(need));
  const numbers = new Map([...new Set(chosen.map(findGroup))].map((group, number) => [group, number]));
  return chosen.filter((each) => (numbers.get(findGroup(each)) ?? 0) % count === index - 1);
}

/** The environment of this machine is for commands of this machine. @throws SuiteError */
function refuseRemoteEnvironment(chosen: readonly Candidate[]): void {
  const mistakes = chosen
    .filter(({ test, target }) => test.run.inheritsEnv && !/^(?:local$|unix:)/.test(target.called))
    .map(({ suite, test, target }) => ({
      file: suite.file,
      place: test.place,
      reason: `inherit-env is for local and Unix sockets, and this test runs on ${target.label}: name what it needs under env`,
    }));
  if (mistakes.length > 0) throw new SuiteError(mistakes);
}

function numberCases(
  chosen: readonly Candidate[],
  byKey: ReadonlyMap<string, Candidate>,
  repeat: number,
): readonly PlannedCase[] {
  const indexes = new Map(chosen.map((each, index) => [each, index * repeat]));
  return chosen.flatMap((each) => {
    const { suite, test, target } = each;
    return Array.from({ length: repeat }, (_, at) => ({
      index: (indexes.get(each) ?? 0) + at,
      suite,
      test,
      target,
      title: repeat === 1 ? test.title : `${test.title} (${at + 1} of ${repeat})`,
      repetition: at,
      skip: skipReason(test, target),
      needs: needsOf(each, byKey).map((need) => (indexes.get(need) ?? 0) + at),
    }));
  });
}

function skipReason({ skip, onlyOn }: Test, { label, called }: Target): string | null {
  if (skip) return 'skip is true';
  const isMeant = (pattern: string): boolean =>
    matchesWildcard(label, pattern) || matchesWildcard(called, pattern);
  return onlyOn.length === 0 || onlyOn.some(isMeant) ? null : `only on ${onlyOn.join(', ')}`;
}

function makeLanes(cases: readonly PlannedCase[]): readonly Lane[] {
  const byConnection = Map.groupBy(cases, ({ target }) => connectionKey(target));
  return [...byConnection.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const batches: Batch[] = [...Map.groupBy(own, ({ suite }) => suite)].map(([suite, each]) => ({
      suite,
      cases: each,
    }));
    return [{ target: first.target, batches }];
  });
}

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { memoryFolder } from '../../places/config-folder.ts';
import { makeFolder } from '../../places/make-folder.ts';
import { keyOf } from './plan/make-plan.ts';
import type { CaseResult } from './run/case-result.ts';
import type { Suite } from './suite.ts';

/** A test that failed: the absolute path of its file, its title, its host. */
type FailedTest = readonly [file: string, title: string, host: string];

/** How many are remembered, of all files. */
const MAX_FAILED_TESTS = 20_000;

function statePath(): string {
  return path.join(memoryFolder(), 'smoke-failed.json');
}

/** The keys (see `keyOf`) of the tests of these files that failed the last time. */
export async function readFailed(suites: readonly Suite[]): Promise<ReadonlySet<string>> {
  const known = await load();
  const called = new Map(suites.map(({ file }) => [path.resolve(file), file]));
  return new Set(
    known.flatMap(([file, title, host]) => {
      const name = called.get(file);
      return name === undefined ? [] : [keyOf(name, title, host)];
    }),
  );
}

/** Remembers which tests have failed, and forgets those that have passed. A state that cannot be kept stops nothing. */
export async function rememberFailed(results: readonly CaseResult[]): Promise<void> {
  const known = await load();
  const ran = results.filter(({ status }) => status !== 'skipped');
  const failed = ran.filter(({ status }) => status === 'failed').map(toTest);
  if (known.length === 0 && failed.length === 0) return;
  const told = new Set(ran.map((each) => JSON.stringify(toTest(each))));
  const kept = known.filter((each) => !told.has(JSON.stringify(each)));
  const next = new Map([...kept, ...failed].map((each) => [JSON.stringify(each), each]));
  const file = statePath();
  try {
    makeFolder(path.dirname(file));
    await writeFile(
      file,
      `${JSON.stringify({ v: 1, failed: [...next.values()].slice(-MAX_FAILED_TESTS) })}\n`,
      { mode: 0o600 },
    );
  } catch {
    // A home folder that is not ours to write
  }
}

function toTest({ file, test, host }: CaseResult): FailedTest {
  return [path.resolve(file), test, host];
}

async function load(): Promise<readonly FailedTest[]> {
  try {
    const { failed } = JSON.parse(await readFile(statePath(), 'utf8')) as { failed?: unknown };
    return Array.isArray(failed) ? failed.filter(isFailedTest) : [];
  } catch {
    return [];
  }
}

function isFailedTest(value: unknown): value is FailedTest {
  return Array.isArray(value) && value.length === 3 && value.every((each) => typeof each === 'string');
}

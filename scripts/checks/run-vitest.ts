import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { withEmptyHome } from './empty-home.ts';
import { root, runCaptured } from './run-captured.ts';
import type { Step, StepResult, TestCount } from './step.ts';

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

export interface VitestOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Let vitest speak for itself instead of only when something failed. */
  readonly shown: boolean;
  /** Further words for vitest, such as a part of a file's name. */
  readonly words: readonly string[];
  /** After so long it hangs; absent for runs that may take as long as they like. */
  readonly capMs?: number;
}

/** Runs the tests of one kind: a project of vitest.config.ts, a folder under test/. */
export function vitestStep(kind: string, options: VitestOptions): Step {
  return { name: `${kind} tests`, run: () => runKind(kind, options) };
}

/** The tests get a temporary folder of their own: what others do in the common one is not their business. */
async function runKind(kind: string, { words, env, ...options }: VitestOptions): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), 'rexa-'));
  chmodSync(folder, 0o1777); // as open as /tmp: some tests act as another user
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const command = ['vitest', 'run', '--project', kind, ...reporters, ...words];
    const [file = '', ...args] = withEmptyHome(kind, command, folder);
    const { ok, output } = await runCaptured(file, args, { ...options, env: { ...env, TMPDIR: folder } });
    return judge(ok, output, readReport(report));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return null;
  }
}

/**
 * What vitest's exit status and its report say together: a test file that could not be loaded counts as one failed
 * test, and so does a run that failed without a failed test (an error outside of every test, a crash). No tests at
 * all is a failure too: a pattern that matches nothing must not look like success.
 */
function judge(ok: boolean, output: string, report: Report | null): StepResult {
  if (report === null)
    return { ok: false, output: `${output}vitest left no report\n`, tests: countOneFailed() };
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = report.numFailedTests + unloaded.length;
  const tests = {
    passed: report.numPassedTests,
    failed: ok ? failed : Math.max(failed, 1),
    skipped: report.numPendingTests + report.numTodoTests,
  };
  if (tests.passed + tests.failed === 0) {
    return { ok: false, output: `${output}no tests were run\n`, tests: countOneFailed() };
  }
  return {
    ok: ok && failed === 0,
    output,
    tests,
    note: describeCount(tests),
    failures: listFailures(report),
  };
}

/** `test/unit/a.test.ts: what it says`, and a file alone that could not be loaded. */
function listFailures({ testResults }: Report): readonly string[] {
  return testResults.flatMap(({ name, status, assertionResults }) => {
    const file = relative(root, name);
    if (status === 'failed' && assertionResults.length === 0) return [file];
    const failed = assertionResults.filter((each) => each.status === 'failed');
    return failed.map(({ fullName }) => `${file}: ${fullName}`);
  });
}

function countOneFailed(): TestCount {
  return { passed: 0, failed: 1, skipped: 0 };
}

function describeCount({ passed, failed, skipped }: TestCount): string {
  const rest = [failed > 0 ? `${failed} failed` : [], skipped > 0 ? `${skipped} skipped` : []];
  return [`${passed} passed`, ...rest.flat()].join(', ');
}

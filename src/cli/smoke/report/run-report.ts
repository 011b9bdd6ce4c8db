import type { CaseResult, CaseStatus } from '../run/case-result.ts';

/** What a whole run came to: what all reports are made from. */
export interface RunReport {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** In the order of the files, hosts and titles. */
  readonly results: readonly CaseResult[];
  readonly exitStatus: number;
  /** The command line that runs a test alone again. */
  rerunLine(result: CaseResult): string;
}

export type Summary = Readonly<Record<CaseStatus, number>>;

export function summarize(results: readonly CaseResult[]): Summary {
  const count = (status: CaseStatus): number => results.filter((each) => each.status === status).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    flaky: count('flaky'),
    skipped: count('skipped'),
  };
}

/** The last line of every run. */
export function writeSummary({ passed, failed, flaky, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed, ${flaky} flaky, ${skipped} skipped`;
}

/** What went wrong, in one line for each problem. */
export function listReasons({ problems }: CaseResult): readonly string[] {
  return problems.map(({ property, message }) => `${property}: ${message}`);
}

/** `[HOST] TITLE`, as in commander. */
export function nameOf({ host, title }: CaseResult): string {
  return `[${host}] ${title}`;
}

const EXIT_TEST_FAILED = 1;
export const EXIT_FILE_WRONG = 2;
export const EXIT_HOST_FAILED = 3;
export const EXIT_NOTHING_SELECTED = 4;

/** The exit status of a run that was not interrupted. Never 0 without a test that ran. */
export function exitStatusOf(results: readonly CaseResult[], failsOnFlaky: boolean): number {
  const { passed, failed, flaky } = summarize(results);
  if (results.some(({ hostFailed }) => hostFailed)) return EXIT_HOST_FAILED;
  if (failed > 0 || (failsOnFlaky && flaky > 0)) return EXIT_TEST_FAILED;
  return passed + flaky > 0 ? 0 : EXIT_NOTHING_SELECTED;
}

/** Results by file and host, in the order of the report. */
export function groupResults(
  results: readonly CaseResult[],
): readonly { readonly file: string; readonly host: string; readonly results: readonly CaseResult[] }[] {
  const groups = Map.groupBy(results, ({ file, host }) => JSON.stringify([file, host]));
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    return first === undefined ? [] : [{ file: first.file, host: first.host, results: own }];
  });
}

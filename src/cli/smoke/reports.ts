import { closeSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { usageError } from '../../command-line/usage-error.ts';
import { makeFolder, SHARED_FOLDER_MODE } from '../../places/make-folder.ts';
import { describeUnwritable, openOutputFile, unwritable } from '../output/output-file.ts';
import type { ReportKind, ReportWish } from '../tables/smoke.ts';
import { writeGithub } from './report/github.ts';
import { writeJson } from './report/json.ts';
import { writeJunit } from './report/junit.ts';
import { writeMarkdown } from './report/markdown.ts';
import type { RunReport } from './report/run-report.ts';
import { writeTap } from './report/tap.ts';

const WRITERS: Readonly<Record<ReportKind, (report: RunReport) => string>> = {
  junit: writeJunit,
  tap: writeTap,
  json: writeJson,
  github: writeGithub,
  markdown: writeMarkdown,
};

/** Annotations stand among what people read. */
function takesStdout({ kind, file }: ReportWish): boolean {
  return file === null && kind !== 'github';
}

/** Whether stdout belongs to a report, so that all else goes to stderr. @throws RexaError USAGE for two of them */
export function isStdoutTaken(wishes: readonly ReportWish[]): boolean {
  const [first, second] = wishes.filter(takesStdout);
  if (second !== undefined)
    throw usageError(
      `--report ${first?.kind} and --report ${second.kind} both write to stdout; give one of them a file`,
    );
  return first !== undefined;
}

/** Opens each file once, so that a long run does not end in a report that cannot be written. @throws RexaError USAGE */
export function openReportFiles(wishes: readonly ReportWish[]): void {
  for (const { kind, file } of wishes) {
    if (file === null) continue;
    try {
      makeFolder(path.dirname(path.resolve(file)), SHARED_FOLDER_MODE);
    } catch (error) {
      throw unwritable(`--report ${kind}`, file, error);
    }
    closeSync(openOutputFile(`--report ${kind}`, file, 'a'));
  }
}

/**
 * Writes the reports that have a file.
 * @returns what went wrong, in sentences
 */
export function writeReportFiles(wishes: readonly ReportWish[], report: RunReport): readonly string[] {
  return wishes.flatMap(({ kind, file }) => {
    if (file === null) return [];
    try {
      writeFileSync(file, WRITERS[kind](report));
      return [];
    } catch (error) {
      return [`--report ${kind}: ${describeUnwritable(file, error)}`];
    }
  });
}

/** What stands on stdout: the report that took it, or annotations. */
export function writeStdoutReports(wishes: readonly ReportWish[], report: RunReport): string {
  return wishes
    .filter(({ file }) => file === null)
    .map(({ kind }) => WRITERS[kind](report))
    .join('');
}

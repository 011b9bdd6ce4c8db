import { escapeJson } from '../../../protocol/show-text.ts';
import type { CaseResult } from '../run/case-result.ts';
import { listReasons, nameOf, type RunReport, summarize, writeSummary } from './run-report.ts';

/** TAP version 13, as prove reads it. */
export function writeTap(report: RunReport): string {
  const { results } = report;
  const lines = results.flatMap((result, index) => writeResult(result, index + 1, report));
  return `${['TAP version 13', `1..${results.length}`, ...lines, `# ${writeSummary(summarize(results))}`].join('\n')}\n`;
}

function writeResult(result: CaseResult, number: number, report: RunReport): readonly string[] {
  const name = `${number} - ${escapeName(nameOf(result))}`;
  switch (result.status) {
    case 'passed':
      return [`ok ${name}`];
    case 'skipped':
      return [`ok ${name} # SKIP ${oneLine(result.skipReason ?? '')}`.trimEnd()];
    case 'flaky':
      return [
        `ok ${name}`,
        `# flaky: ${oneLine(`${nameOf(result)} passed on try ${result.tries}`)}`,
        ...writeDetails(result, report),
      ];
    case 'failed':
      return [`not ok ${name}`, ...writeDetails(result, report)];
    default:
      return result.status satisfies never;
  }
}

/** A block of YAML, of which JSON is a part. */
function writeDetails(result: CaseResult, report: RunReport): readonly string[] {
  const details: Readonly<Record<string, unknown>> = {
    message: listReasons(result).join('; '),
    severity: result.status === 'flaky' ? 'comment' : 'fail',
    outcome: result.outcome,
    exitCode: result.exitCode,
    tries: result.tries,
    durationMs: Math.round(result.durationMs),
    at: `${result.file}:${result.place.line}`,
    command: result.command,
    problems: result.problems,
    stdout: result.stdout.text,
    stderr: result.stderr.text,
    rerun: report.rerunLine(result),
  };
  const lines = Object.entries(details).map(
    ([key, value]) => `  ${key}: ${escapeJson(JSON.stringify(value))}`,
  );
  return ['  ---', ...lines, '  ...'];
}

/** In a name a `#` would begin a directive. */
function escapeName(name: string): string {
  return oneLine(name).replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}

function oneLine(text: string): string {
  return escapeJson(text.replaceAll(/[\r\n]+/g, ' '));
}

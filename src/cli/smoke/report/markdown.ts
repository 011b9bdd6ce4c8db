import { escapeText } from '../../../protocol/show-text.ts';
import type { CaseResult } from '../run/case-result.ts';
import { groupResults, listReasons, nameOf, type RunReport, summarize, writeSummary } from './run-report.ts';

/** A summary for people: of a job, of a merge request. */
export function writeMarkdown(report: RunReport): string {
  const { results } = report;
  const failed = results.filter(({ status }) => status === 'failed');
  const flaky = results.filter(({ status }) => status === 'flaky');
  return [
    '## Smoke tests',
    '',
    `**${writeSummary(summarize(results))}** in ${(report.durationMs / 1000).toFixed(1)} s`,
    '',
    '| file | host | passed | failed | flaky | skipped |',
    '|---|---|---:|---:|---:|---:|',
    ...groupResults(results).map(({ file, host, results: own }) => {
      const counts = summarize(own);
      return `| ${escapeCell(file)} | ${escapeCell(host)} | ${counts.passed} | ${counts.failed} | ${counts.flaky} | ${counts.skipped} |`;
    }),
    ...(failed.length === 0 ? [] : ['', '### Failed', ...failed.flatMap((each) => describe(each, report))]),
    ...(flaky.length === 0
      ? []
      : [
          '',
          '### Flaky',
          '',
          ...flaky.map(
            (each) =>
              `- ${escapeCell(nameOf(each))}: passed on try ${each.tries}; before: ${escapeCell(listReasons(each).join('; '))}`,
          ),
        ]),
    '',
  ].join('\n');
}

function describe(result: CaseResult, report: RunReport): readonly string[] {
  const reasons = listReasons(result).map((reason) => `- ${escapeCell(reason)}`);
  const streams = (['stdout', 'stderr'] as const).flatMap((name) => {
    const { text } = result[name];
    return text === '' ? [] : ['', `${name}:`, '', ...fence(text)];
  });
  return [
    '',
    `<details><summary>${escapeCell(nameOf(result))}</summary>`,
    '',
    ...reasons,
    ...streams,
    '',
    'Run it again:',
    '',
    ...fence(report.rerunLine(result)),
    '',
    '</details>',
  ];
}

/** A block whose fence is longer than any in the text. */
function fence(text: string): readonly string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const mark = '`'.repeat(longest + 1);
  return [`${mark}text`, ...text.replace(/\n$/, '').split('\n').map(escapeLine), mark];
}

function escapeLine(line: string): string {
  return line.split('\t').map(escapeText).join('\t');
}

/** A text that is no markup, in one line. */
function escapeCell(text: string): string {
  return escapeLine(text.replaceAll(/\s+/g, ' ')).replaceAll(
    /[\\`*_{}[\]<>#|~&]/g,
    (mark) => `&#${mark.charCodeAt(0)};`,
  );
}

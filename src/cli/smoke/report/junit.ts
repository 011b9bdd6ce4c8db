import type { CaseResult } from '../run/case-result.ts';
import { groupResults, listReasons, nameOf, type RunReport, summarize } from './run-report.ts';
import { escapeXml } from './xml-text.ts';

/** JUnit XML as Jenkins, GitLab and others read it: one suite for each file and host. */
export function writeJunit(report: RunReport): string {
  const groups = groupResults(report.results);
  const suites = groups.map((group, id) => writeSuite(group, id, report));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

function writeSuite(
  { file, host, results }: ReturnType<typeof groupResults>[number],
  id: number,
  report: RunReport,
): string {
  const { failed, skipped, flaky } = summarize(results);
  const time = results.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const attributes = writeAttributes({
    name: `${file} on ${host}`,
    package: file,
    id: String(id),
    timestamp: report.startedAt.replace(/\.\d+Z$/, ''),
    hostname: host,
    tests: String(results.length),
    failures: String(failed),
    errors: '0',
    skipped: String(skipped),
    time: toSeconds(time),
  });
  const flakyLines = results
    .filter(({ status }) => status === 'flaky')
    .map(
      (each) => `flaky: ${nameOf(each)} passed on try ${each.tries}; before: ${listReasons(each).join('; ')}`,
    );
  return [
    `  <testsuite ${attributes}>\n`,
    `    <properties>\n      <property name="flaky" value="${flaky}"/>\n    </properties>\n`,
    ...results.map((each) => writeCase(each, report)),
    `    <system-out>${escapeXml(flakyLines.join('\n'))}</system-out>\n`,
    '    <system-err></system-err>\n',
    '  </testsuite>\n',
  ].join('');
}

function writeCase(result: CaseResult, report: RunReport): string {
  const { file, host, title, durationMs } = result;
  const attributes = writeAttributes({
    name: title,
    classname: `${file.replace(/\.ya?ml$/, '')}.${host}`,
    time: toSeconds(durationMs),
  });
  const inner = writeVerdict(result, report);
  return inner === ''
    ? `    <testcase ${attributes}/>\n`
    : `    <testcase ${attributes}>\n${inner}    </testcase>\n`;
}

function writeVerdict(result: CaseResult, report: RunReport): string {
  if (result.status === 'skipped')
    return `      <skipped ${writeAttributes({ message: result.skipReason ?? '' })}/>\n`;
  const reasons = listReasons(result);
  const attributes = writeAttributes({
    message: reasons.join('; '),
    type: result.problems[0]?.property ?? 'failure',
  });
  if (result.status === 'flaky') return `      <flakyFailure ${attributes}/>\n`;
  if (result.status !== 'failed') return '';
  const text = [
    ...reasons,
    '',
    `command: ${result.command}`,
    ...writeStream('stdout', result.stdout.text),
    ...writeStream('stderr', result.stderr.text),
    `run it again: ${report.rerunLine(result)}`,
  ];
  return `      <failure ${attributes}>${escapeXml(text.join('\n'))}</failure>\n`;
}

function writeStream(name: string, text: string): readonly string[] {
  return text === '' ? [] : [`${name}:`, text.replace(/\n$/, '')];
}

function writeAttributes(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(
      ([name, value]) => `${name}="${escapeXml(value).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`,
    )
    .join(' ');
}

function toSeconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}

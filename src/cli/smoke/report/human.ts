import { escapeText } from '../../../protocol/show-text.ts';
import type { Problem } from '../assertions/checked-output.ts';
import { normalizeText } from '../assertions/go-text.ts';
import { MAX_SHOWN_LINES } from '../limits.ts';
import type { CaseResult, ReportedText } from '../run/case-result.ts';
import { compareLines } from './difference.ts';
import { nameOf, type RunReport, summarize, writeSummary } from './run-report.ts';

export type PaintStyle = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

/** Colours a text, or does not. */
export type Paint = (style: PaintStyle, text: string) => string;

const MARKS = { passed: '✓', failed: '✗', flaky: '~', skipped: '-' } as const;
const STYLES = { passed: 'green', failed: 'red', flaky: 'yellow', skipped: 'dim' } as const;

/** The line of a test that is over. */
export function writeProgress(result: CaseResult, paint: Paint): string {
  const { status, tries, durationMs, skipReason, repeated } = result;
  const behind = {
    passed: repeated ? ', told of an earlier run under its id' : `(${formatMs(durationMs)})`,
    failed: tries > 1 ? `, retries ${tries}` : `(${formatMs(durationMs)})`,
    flaky: `, retries ${tries}: flaky`,
    skipped: `, was skipped${skipReason === null ? '' : `: ${skipReason}`}`,
  }[status];
  const name = showWhole(nameOf(result));
  const separator = behind.startsWith(',') ? '' : ' ';
  return `${paint(STYLES[status], `${MARKS[status]} ${name}`)}${paint('dim', separator + showWhole(behind))}\n`;
}

/** Each failure with what was expected, and the last line. @param showsAll the output of all tests, not of failed ones */
export async function writeEnd(report: RunReport, paint: Paint, showsAll: boolean): Promise<string> {
  const shown = report.results.filter(({ status }) => status === 'failed' || status === 'flaky' || showsAll);
  const details = await Promise.all(shown.map((each) => describeCase(each, report, paint, showsAll)));
  const counts = summarize(report.results);
  const style = report.exitStatus === 0 ? 'green' : 'red';
  const tail = `${paint(style, writeSummary(counts))}\n`;
  return `${details.map((lines) => `\n${lines.map((line) => `${line}\n`).join('')}`).join('')}\n${tail}`;
}

async function describeCase(
  result: CaseResult,
  report: RunReport,
  paint: Paint,
  showsAll: boolean,
): Promise<readonly string[]> {
  const { status, file, place, problems, tries, durationMs } = result;
  const title = `${MARKS[status]} ${showWhole(nameOf(result))}`;
  const mostLines = showsAll ? Number.POSITIVE_INFINITY : MAX_SHOWN_LINES;
  const reasons = await Promise.all(problems.map((problem) => describeProblem(problem, paint, mostLines)));
  const isFailed = status === 'failed';
  const triesText = tries > 1 ? `, ${tries} tries` : '';
  return [
    `${paint('bold', paint(STYLES[status], title))} ${paint('dim', `${showWhole(file)}:${place.line}`)}`,
    ...(status === 'flaky' ? [`  passed on try ${tries}; before that:`] : []),
    ...reasons.flat(),
    ...(['stdout', 'stderr'] as const).flatMap((name) =>
      isShown(result, name, showsAll) ? describeStream(name, result[name], paint, mostLines) : [],
    ),
    ...(durationMs > 0
      ? [paint('dim', `  took ${formatMs(durationMs)} on ${showWhole(result.host)}${triesText}`)]
      : []),
    ...(isFailed ? [`  run it again: ${showWhole(report.rerunLine(result))}`] : []),
  ];
}

/** Not the output of a try that counts no more, and not one that stands in a difference already. */
function isShown(result: CaseResult, name: 'stdout' | 'stderr', showsAll: boolean): boolean {
  const { status, problems } = result;
  if (status === 'flaky') return false;
  const isCompared = problems.some(
    ({ property, actual, expected }) =>
      property.startsWith(`${name}.`) &&
      expected !== undefined &&
      actual === normalizeText(result[name].text),
  );
  return showsAll || !isCompared;
}

async function describeProblem(
  { property, message, expected, actual }: Problem,
  paint: Paint,
  mostLines: number,
): Promise<readonly string[]> {
  const head = `  ${paint('red', `${property}: ${showWhole(message)}`)}`;
  if (expected === undefined || actual === undefined || isSaid(message, expected, actual)) return [head];
  const lines = await compareLines(expected, actual);
  const styles = { '-': 'red', '+': 'green', ' ': 'dim', '@': 'dim' } as const;
  const shown = lines.map(({ mark, text }) => `    ${paint(styles[mark], `${mark} ${showWhole(text)}`)}`);
  return [
    head,
    `    ${paint('red', '- expected')}  ${paint('green', '+ actual')}`,
    ...cutLines(shown, mostLines),
  ];
}

/** Whether the sentence holds both already. */
function isSaid(message: string, expected: string, actual: string): boolean {
  return message.includes(expected) && message.includes(actual) && actual !== '';
}

function describeStream(
  name: string,
  { text, omitted }: ReportedText,
  paint: Paint,
  mostLines: number,
): readonly string[] {
  if (text === '') return [];
  const lines = text.replace(/\n$/, '').split('\n');
  const cut = omitted === 0 ? [] : [paint('dim', `    … ${omitted} more characters`)];
  return [
    paint('dim', `  ${name} (${lines.length === 1 ? '1 line' : `${lines.length} lines`}):`),
    ...cutLines(
      lines.map((line) => `    ${showWhole(line.replace(/\r$/, ''))}`),
      mostLines,
    ),
    ...cut,
  ];
}

/** Beginning and end of what is too long. */
function cutLines(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  const half = most / 2;
  const left = lines.length - most;
  return [...lines.slice(0, half), `    … ${left} more lines: --show all`, ...lines.slice(-half)];
}

/** A text of any length without characters that steer a terminal; tabs become spaces. */
export function showWhole(text: string): string {
  return escapeText(text.replaceAll('\t', '    '));
}

function formatMs(durationMs: number): string {
  return durationMs < 1_000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1000).toFixed(1)} s`;
}

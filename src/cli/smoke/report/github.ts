import { escapeText } from '../../../protocol/show-text.ts';
import type { CaseResult } from '../run/case-result.ts';
import { listReasons, nameOf, type RunReport } from './run-report.ts';

/** Annotations of GitHub Actions: an error for each failure, a warning for each flaky test. */
export function writeGithub({ results, rerunLine }: RunReport): string {
  return results
    .flatMap((result) => {
      if (result.status === 'failed')
        return [annotate('error', result, [...listReasons(result), `run it again: ${rerunLine(result)}`])];
      if (result.status === 'flaky')
        return [
          annotate('warning', result, [`flaky: it passed on try ${result.tries}`, ...listReasons(result)]),
        ];
      return [];
    })
    .join('');
}

function annotate(level: 'error' | 'warning', result: CaseResult, lines: readonly string[]): string {
  const properties = [
    `file=${escapeProperty(result.file)}`,
    `line=${result.place.line}`,
    `col=${result.place.column}`,
    `title=${escapeProperty(nameOf(result))}`,
  ];
  return `::${level} ${properties.join(',')}::${escapeData(lines.join('\n'))}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r\n', '\n').split('\n').map(escapeText).join('%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

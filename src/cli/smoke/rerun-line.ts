import type { CaseResult } from './run/case-result.ts';
import { quoteForShell } from './run/make-result.ts';
import type { SmokeValues } from './smoke-values.ts';

/** Makes the command line that runs one test alone again, with what decides how its host is reached. */
export function createRerunLine(values: SmokeValues): (result: CaseResult) => string {
  const words = [
    ...values.i.flatMap((file) => ['-i', file]),
    ...(values['accept-new'] ? ['--accept-new'] : []),
    ...(values.config === undefined ? [] : ['--config', values.config]),
  ];
  return ({ file, host, test }) => {
    const named = file.startsWith('-') && file !== '-' ? `./${file}` : file;
    const filter = `^${test.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
    const all = ['rexa', 'smoke', named, '--host', host, '--filter', filter, ...words];
    return all.map((word) => quoteForShell(word)).join(' ');
  };
}

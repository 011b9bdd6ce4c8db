import type { Parsed } from '../../command-line/command-spec.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { createMessages } from '../output/messages.ts';
import { reportError } from '../output/report-error.ts';
import { SuiteError, writeMistake } from '../smoke/parse/mistake.ts';
import { EXIT_FILE_WRONG } from '../smoke/report/run-report.ts';
import { runSmoke } from '../smoke/run-smoke.ts';
import type { SmokeValues } from '../smoke/smoke-values.ts';
import { SMOKE_ACTIONS, type SMOKE_COMMAND, type SmokeAction } from '../tables/smoke.ts';

/** `rexa smoke`: tests of commands on hosts. */
export async function run({ values, operands, rest }: Parsed<typeof SMOKE_COMMAND>): Promise<number> {
  const [first, ...more] = operands;
  const action = SMOKE_ACTIONS.find((known) => known === first);
  try {
    if (action !== undefined) return await act(action, more, rest ?? [], values);
    if (values.o !== undefined) throw usageError('-o is for rexa smoke record');
    if (values.terminal) throw usageError('--terminal is for rexa smoke record');
    return await runSmoke(needFiles([...operands, ...(rest ?? [])], 'rexa smoke'), values);
  } catch (error) {
    const messages = createMessages(values);
    if (error instanceof SuiteError) {
      for (const mistake of error.mistakes) messages.fail(writeMistake(mistake));
      return EXIT_FILE_WRONG;
    }
    return reportError(error, messages);
  }
}

async function act(
  action: SmokeAction,
  operands: readonly string[],
  rest: readonly string[],
  values: SmokeValues,
): Promise<number> {
  if (action === 'record') return (await import('../smoke/record.ts')).recordTest(operands, rest, values);
  const files = needFiles([...operands, ...rest], `rexa smoke ${action}`);
  const { checkFiles, explainTests, listTests } = await import('../smoke/show-tests.ts');
  return { check: checkFiles, list: listTests, explain: explainTests }[action](files, values);
}

function needFiles(files: readonly string[], command: string): readonly string[] {
  if (files.length === 0) throw usageError(`a FILE is missing: ${command} FILE...`);
  return files;
}

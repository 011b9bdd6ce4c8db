import { readFile, writeFile } from 'node:fs/promises';
import { readHostName } from '../../client/host-name.ts';
import { isWhole } from '../../client/run-result.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { RexaError } from '../../protocol/errors.ts';
import { createMessages } from '../output/messages.ts';
import { checkOutputFile, describeUnwritable } from '../output/output-file.ts';
import { print } from '../output/print.ts';
import { addTest, type RecordedTerminal, type RecordedTest } from './added-test.ts';
import { normalizeText } from './assertions/go-text.ts';
import { MAX_OUTPUT_BYTES } from './limits.ts';
import { EXIT_HOST_FAILED } from './report/run-report.ts';
import { type CommandResult, resultOfFailedOpen } from './run/failed-open.ts';
import { quoteForShell } from './run/make-result.ts';
import { openTarget } from './run-smoke.ts';
import type { SmokeValues } from './smoke-values.ts';

/** `rexa smoke record`: runs a command, and writes a test that what it did is the same again. */
export async function recordTest(
  operands: readonly string[],
  rest: readonly string[],
  values: SmokeValues,
): Promise<number> {
  const [called, ...words] = operands;
  if (called === undefined) throw usageError('a HOST is missing: rexa smoke record [-o FILE] HOST -- CMD...');
  const command = [...words, ...rest];
  const [file, ...args] = command;
  if (file === undefined) throw usageError(`a command is missing: rexa smoke record ${called} -- CMD...`);
  const messages = createMessages(values);
  if (values.o !== undefined) checkOutputFile('-o', values.o);
  const existing = values.o === undefined ? null : await readExisting(values.o);
  const { result, terminal } = await runOnce(called, file, args, values);
  if (result.outcome !== 'exited' && result.outcome !== 'signaled') {
    messages.fail(`nothing was recorded: ${result.outcome}: ${result.reason}`);
    return result.outcome === 'not-started' && !result.isUnopened ? 1 : EXIT_HOST_FAILED;
  }
  if (!isWhole(result) || result.truncated) {
    messages.fail(`nothing was recorded: ${result.reason ?? 'the output is larger than the limit'}`);
    return 1;
  }
  const test = describeTest(called, command, result, terminal);
  const { text, title } = await addTest(existing, values.o ?? 'stdout', test);
  if (values.o === undefined) return print(text);
  try {
    await writeFile(values.o, text);
  } catch (error) {
    messages.fail(`nothing was recorded: ${describeUnwritable(values.o, error)}`);
    return 1;
  }
  messages.warn(`recorded '${title}' in ${values.o}`);
  return 0;
}

interface Recording {
  readonly result: CommandResult;
  /** Null: it ran on pipes. */
  readonly terminal: RecordedTerminal | null;
}

async function runOnce(
  called: string,
  file: string,
  args: readonly string[],
  values: SmokeValues,
): Promise<Recording> {
  const { address, user } = readHostName(called);
  try {
    const target = { label: called, called: address, user, identities: [] };
    await using host = await openTarget(target, values, createMessages(values));
    if (values.terminal) {
      const { recordOnTerminal } = await import('./terminal/record-terminal.ts');
      const { result, ...terminal } = await recordOnTerminal(host, file, args);
      return { result, terminal };
    }
    const result = await host.run(file, args, { reject: false, maxBuffer: MAX_OUTPUT_BYTES });
    return { result, terminal: null };
  } catch (error) {
    if (!(error instanceof RexaError) || error.code === 'USAGE') throw error;
    return { result: resultOfFailedOpen(called, error, {}), terminal: null };
  }
}

async function readExisting(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw usageError(`-o: cannot read ${file}: ${(error as Error).message}`);
  }
}

function describeTest(
  called: string,
  command: readonly string[],
  result: CommandResult,
  terminal: RecordedTerminal | null,
): RecordedTest {
  return {
    title: command.map((word) => quoteForShell(word)).join(' '),
    argv: command,
    nodes: called === 'local' ? [] : [called],
    ending:
      result.outcome === 'signaled' ? { signal: result.signal ?? '' } : { 'exit-code': result.exitCode ?? 0 },
    shown:
      terminal === null
        ? {
            kind: 'pipes',
            stdout: normalizeText(String(result.stdout)),
            stderr: normalizeText(String(result.stderr)),
            replaced: result.encoding.stdout.replaced + result.encoding.stderr.replaced,
          }
        : { kind: 'terminal', ...terminal },
  };
}

import { createInterface } from 'node:readline';
import type { ParsedWords } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { RexaError } from '../../protocol/errors.ts';
import { connect } from '../connect.ts';
import type { Host } from '../run-types.ts';
import { copyOutput } from './copy-output.ts';
import { EXIT_REXA_FAILED, exitStatusOf } from './exit-status.ts';
import { createMessages } from './messages.ts';
import type { RunPlan, Surroundings } from './run-plan.ts';
import { createSurroundings } from './surroundings.ts';
import type { SHELL_COMMAND } from './tables/others.ts';
import { tellOutcome } from './tell-outcome.ts';

/** `rexa shell HOST --line`: reads lines, runs each. */
export async function run(parsed: ParsedWords<(typeof SHELL_COMMAND)['options']>): Promise<number> {
  const { values, operands } = parsed;
  const [address] = operands;
  if (address === undefined) throw usageError('a HOST is missing: rexa shell HOST --line');
  if (!values.line) {
    throw usageError(`terminals are not in this version of rexa: use rexa shell ${address} --line`);
  }
  const messages = createMessages(values);
  const timeout = values['connect-timeout'];
  try {
    await using host = await connect(address, {
      log: (line) => messages.debug(1, line),
      ...(timeout === undefined ? {} : { timeout }),
    });
    return await readLines(host, createSurroundings(messages));
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    messages.fail(error.message);
    return EXIT_REXA_FAILED;
  }
}

/** @returns the exit status of the last line */
async function readLines(host: Host, around: Surroundings): Promise<number> {
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  const lines = createInterface({
    input: process.stdin,
    terminal: isTerminal,
    prompt: `${host.address}> `,
    ...(isTerminal ? { output: process.stderr } : {}),
  });
  let interrupt = (): unknown => lines.prompt();
  lines.on('SIGINT', () => interrupt());
  let status = 0;
  if (isTerminal) lines.prompt();
  for await (const line of lines) {
    if (line.trim() === 'exit') break;
    const remote = host.run(line, [], { shell: true, buffer: false, reject: false });
    interrupt = () => remote.kill('SIGINT');
    const copies = [
      copyOutput(remote.stdout, around.stdout, remote.cancel),
      copyOutput(remote.stderr, around.stderr, () => {}),
    ];
    const result = await remote;
    await Promise.all(copies.map((copy) => copy.done));
    const plan: Pick<RunPlan, 'file' | 'args' | 'options'> = {
      file: line,
      args: [],
      options: { shell: true },
    };
    tellOutcome({ result, cause: null }, plan, around.messages, { hasEncodingOption: false });
    status = exitStatusOf(result, null);
    interrupt = () => lines.prompt();
    if (isTerminal) lines.prompt();
  }
  return status;
}

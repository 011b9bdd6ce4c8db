import { isatty } from 'node:tty';
import type { ParsedWords } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { parseAddress } from '../../link/address.ts';
import { RexaError } from '../../protocol/errors.ts';
import { conductRun } from './conduct-run.ts';
import { EXIT_REXA_FAILED, exitStatusOf } from './exit-status.ts';
import { readHostName } from './host-name.ts';
import { type LineShellPlan, runByLines, turnToLines } from './line-shell.ts';
import { createMessages } from './messages.ts';
import type { RunPlan, Surroundings } from './run-plan.ts';
import { createSurroundings } from './surroundings.ts';
import { chooseEscape } from './tables/common.ts';
import type { SHELL_COMMAND } from './tables/shell.ts';
import { tellClosed, tellOutcome } from './tell-outcome.ts';

/** `rexa shell`: a login shell on a terminal of the host, or the line shell. */
export async function run({
  values,
  operands,
}: ParsedWords<(typeof SHELL_COMMAND)['options']>): Promise<number> {
  const [host] = operands;
  if (host === undefined) throw usageError('a HOST is missing: rexa shell HOST');
  const messages = createMessages(values);
  const around = createSurroundings(messages, values['reconnect-for']);
  const plan: LineShellPlan = {
    ...readHostName(host),
    open: around.open,
    connectTimeoutMs: values['connect-timeout'],
    encoding: values.encoding,
    color: values.color,
    isQuiet: values.q,
  };
  try {
    if (values.line) return await runByLines(plan, messages);
    const reason = findReasonForLines(plan.address);
    if (reason !== null) return await turnToLines(reason, plan, messages);
    return await runOnTerminal(plan, chooseEscape(values.escape), around);
  } catch (error) {
    if (!(error instanceof RexaError) || error.code === 'USAGE') throw error;
    messages.fail(error.message);
    return EXIT_REXA_FAILED;
  }
}

/** Why no terminal is asked for; null: one is. @throws RexaError ADDRESS_INVALID, ADDRESS_UNSUPPORTED */
function findReasonForLines(address: string): string | null {
  if (parseAddress(address).kind === 'ready') return 'a Ready/Start peer has no terminals';
  return isatty(0) ? null : 'stdin is no terminal';
}

async function runOnTerminal(
  lines: LineShellPlan,
  escapeSign: string | null,
  around: Surroundings,
): Promise<number> {
  const { messages } = around;
  const { address, user, connectTimeoutMs, encoding } = lines;
  const plan: RunPlan = {
    address,
    user,
    file: '',
    args: [],
    options: { shell: 'login', ...(encoding === undefined ? {} : { encoding }) },
    sendsStdin: true,
    keepsOutput: false,
    connectTimeoutMs,
    terminal: { escape: escapeSign },
  };
  const ended = await conductRun(plan, around);
  const { code, reason } = ended.result;
  if (code === 'TERMINAL_UNAVAILABLE') return turnToLines(reason ?? code, lines, messages);
  tellOutcome(ended, plan, messages, { hasEncodingOption: true });
  tellClosed(ended, plan, messages);
  return exitStatusOf(ended.result, ended.cause);
}

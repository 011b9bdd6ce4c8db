import { isatty } from 'node:tty';
import type { ParsedWords } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { parseAddress } from '../../link/address.ts';
import { RexaError } from '../../protocol/errors.ts';
import { openHost } from '../connect.ts';
import type { ConnectOptions } from '../run-types.ts';
import type { Backend } from '../shell/backend.ts';
import { createHostBackend } from '../shell/host/host-backend.ts';
import { runLineShell } from '../shell/open-shell.ts';
import { createReadyBackend } from '../shell/ready/ready-backend.ts';
import { conductRun } from './conduct-run.ts';
import { EXIT_REXA_FAILED, exitStatusOf } from './exit-status.ts';
import { readHostName, refuseUser } from './host-name.ts';
import { createMessages, type Messages } from './messages.ts';
import type { RunPlan } from './run-plan.ts';
import { createSurroundings } from './surroundings.ts';
import { DEFAULT_ESCAPE } from './tables/common.ts';
import type { SHELL_COMMAND } from './tables/shell.ts';
import { tellClosed, tellOutcome } from './tell-outcome.ts';

type ShellWords = ParsedWords<(typeof SHELL_COMMAND)['options']>;

/** `rexa shell`: a login shell on a terminal of the host, or the line shell. */
export async function run(parsed: ShellWords): Promise<number> {
  const { values } = parsed;
  const [host] = parsed.operands;
  if (host === undefined) throw usageError('a HOST is missing: rexa shell HOST');
  const messages = createMessages(values);
  try {
    if (values.line) return await runByLines(host, values, messages);
    const reason = findReasonForLines(host);
    return reason === null
      ? await runOnTerminal(host, values, messages)
      : await turnToLines(reason, host, values, messages);
  } catch (error) {
    if (!(error instanceof RexaError) || error.code === 'USAGE') throw error;
    messages.fail(error.message);
    return EXIT_REXA_FAILED;
  }
}

/** Why no terminal is asked for; null: one is. @throws RexaError ADDRESS_INVALID, ADDRESS_UNSUPPORTED */
function findReasonForLines(host: string): string | null {
  if (parseAddress(readHostName(host).address).kind === 'ready') return 'a Ready/Start peer has no terminals';
  return isatty(0) ? null : 'stdin is no terminal';
}

function turnToLines(
  reason: string,
  host: string,
  values: ShellWords['values'],
  messages: Messages,
): Promise<number> {
  messages.warn(`${reason}: this is the line shell`);
  return runByLines(host, values, messages);
}

async function runOnTerminal(
  host: string,
  values: ShellWords['values'],
  messages: Messages,
): Promise<number> {
  const plan: RunPlan = {
    ...readHostName(host),
    file: '',
    args: [],
    options: {
      shell: 'login',
      ...(values.encoding === undefined ? {} : { encoding: values.encoding }),
    },
    sendsStdin: true,
    keepsOutput: false,
    connectTimeoutMs: values['connect-timeout'],
    terminal: { escape: values.escape === undefined ? DEFAULT_ESCAPE : values.escape },
  };
  const ended = await conductRun(plan, createSurroundings(messages));
  if (ended.result.code === 'TERMINAL_UNAVAILABLE') {
    return turnToLines(ended.result.reason ?? '', host, values, messages);
  }
  tellOutcome(ended, plan, messages, { hasEncodingOption: true });
  tellClosed(ended, plan, messages);
  return exitStatusOf(ended.result, ended.cause);
}

/** @throws RexaError of the connection, ADDRESS_INVALID, ADDRESS_UNSUPPORTED, USAGE, USER_REFUSED */
async function runByLines(host: string, values: ShellWords['values'], messages: Messages): Promise<number> {
  const { address, user } = readHostName(host);
  const refusal = refuseUser(user);
  if (refusal !== null) throw refusal;
  const timeout = values['connect-timeout'];
  const connect: ConnectOptions = {
    log: (line) => messages.debug(1, line),
    ...(timeout === undefined ? {} : { timeout }),
  };
  const backend = chooseBackend(address, connect, values);
  return runLineShell({ backend, messages, color: values.color, isQuiet: values.q });
}

/** @throws RexaError ADDRESS_INVALID, ADDRESS_UNSUPPORTED, USAGE */
function chooseBackend(
  address: string,
  connect: ConnectOptions,
  { encoding }: ShellWords['values'],
): Backend {
  const parsed = parseAddress(address);
  if (parsed.kind !== 'ready') return createHostBackend({ address, open: openHost, connect, encoding });
  if (encoding !== undefined) {
    throw usageError(
      "a Ready/Start peer's replies are UTF-8; its encoding is set at the daemon, as ready://HOST:PORT?encoding=NAME",
    );
  }
  return createReadyBackend(address, parsed, connect);
}

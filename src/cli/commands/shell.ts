import { isatty } from 'node:tty';
import { readHostName } from '../../client/host-name.ts';
import type { Parsed, ValuesOf } from '../../command-line/command-spec.ts';
import { usageError } from '../../command-line/usage-error.ts';
import type { SessionOptions } from '../../services/sessions/client-types.ts';
import { exitStatusOfRun } from '../exit-status.ts';
import { readHostOptions } from '../host/host-options.ts';
import { planHost } from '../host/host-plan.ts';
import { ON_STDIN } from '../host/identities.ts';
import { createMessages, type Messages } from '../output/messages.ts';
import { reportError } from '../output/report-error.ts';
import { createProcessContext } from '../process-context.ts';
import { conductRun } from '../run/conduct-run.ts';
import { reportClosed, reportOutcome } from '../run/report-outcome.ts';
import type { RunPlan } from '../run/run-plan.ts';
import { joinSession } from '../session/conduct-session.ts';
import { readInSession } from '../session/session-options.ts';
import type { SHELL_COMMAND } from '../tables/shell.ts';
import { type LineShellPlan, runByLines, turnToLines } from './line-shell.ts';

type Values = ValuesOf<typeof SHELL_COMMAND>;

/** `rexa shell`: a login shell on a terminal of the host, or the line shell. */
export async function run({ values, operands }: Parsed<typeof SHELL_COMMAND>): Promise<number> {
  const [host] = operands;
  if (host === undefined) throw usageError('a HOST is missing: rexa shell HOST');
  const session = readInSession(values);
  if (session !== null && (values.line || !isatty(0)))
    throw usageError('--session needs a terminal: remove --line, or use rexa session');
  if (values.i.includes(ON_STDIN)) throw usageError('a shell and -i - cannot both read stdin');
  const messages = createMessages(values);
  const { address, user } = readHostName(host);
  const plan: LineShellPlan = {
    address,
    user,
    given: readHostOptions(values, user),
    connectTimeoutMs: values['connect-timeout'],
    encoding: values.encoding,
    encodingErrors: values['encoding-errors'] === 'replace' ? 'replace' : undefined,
    color: values.color,
    isQuiet: values.q,
  };
  try {
    if (values.line) return await runByLines(plan, messages);
    const reason = await findReasonForLines(plan, messages);
    if (reason !== null) return await turnToLines(reason, plan, messages);
    return await runOnTerminal(plan, values, session, messages);
  } catch (error) {
    return reportError(error, messages);
  }
}

/** Why no terminal is asked for; null: one is. @throws RexaError as planHost */
async function findReasonForLines(
  { address, given }: LineShellPlan,
  messages: Messages,
): Promise<string | null> {
  // Only the kind of address counts: the files of ssh, which may run commands, are read when it is opened
  const { connect } = await planHost(address, { ...given, sshConfig: false }, messages);
  if (connect.target?.kind === 'ready') return 'Ready/Start peers have no terminals';
  return isatty(0) ? null : 'stdin is not a terminal';
}

async function runOnTerminal(
  lines: LineShellPlan,
  { escape: escapeSign, predict }: Pick<Values, 'escape' | 'predict'>,
  session: SessionOptions | null,
  messages: Messages,
): Promise<number> {
  const { address, user, connectTimeoutMs, encoding, encodingErrors } = lines;
  const shell: RunPlan = {
    address,
    user,
    file: '',
    args: [],
    options: {
      shell: 'login',
      encoding,
      encodingErrors,
    },
    sendsStdin: true,
    keepsOutput: false,
    connectTimeoutMs,
  };
  const around = createProcessContext(messages, lines.given);
  if (session !== null)
    return joinSession({ run: shell, session, escape: escapeSign, predict, given: lines.given }, around);
  const plan: RunPlan = { ...shell, terminal: { escape: escapeSign, predict } };
  const ended = await conductRun(plan, around);
  const { code, reason } = ended.result;
  if (code === 'TERMINAL_UNAVAILABLE') return turnToLines(reason ?? code, lines, messages);
  reportOutcome(ended, plan, messages, { saysOfInput: true, hasEncodingOption: true });
  reportClosed(ended, plan, messages);
  return exitStatusOfRun(ended);
}

import type { ParsedWords } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { Backend } from '../shell/backend.ts';
import { createHostBackend } from '../shell/host/host-backend.ts';
import type { HostSessionOptions } from '../shell/host/host-session.ts';
import { runLineShell } from '../shell/open-shell.ts';
import { createReadyBackend } from '../shell/ready/ready-backend.ts';
import { EXIT_REXA_FAILED } from './exit-status.ts';
import { readHostName } from './host-name.ts';
import { readHostOptions } from './host-options.ts';
import { type HostPlan, planHost } from './host-plan.ts';
import { createMessages } from './messages.ts';
import { openCalledHost } from './open-called-host.ts';
import type { SHELL_COMMAND } from './tables/shell.ts';

type ShellValues = ParsedWords<(typeof SHELL_COMMAND)['options']>['values'];

/** `rexa shell`: a shell on a host, line by line. */
export async function run({
  values,
  operands,
}: ParsedWords<(typeof SHELL_COMMAND)['options']>): Promise<number> {
  const [host] = operands;
  if (host === undefined) throw usageError('a HOST is missing: rexa shell HOST --line');
  const messages = createMessages(values);
  const { address, user } = readHostName(host);
  if (!values.line) messages.warn('terminals are not in this version of rexa: this is the line shell');
  try {
    const given = readHostOptions(values, user);
    const { connect } = await planHost(address, given, messages);
    const open: HostSessionOptions['open'] = (called, options) =>
      openCalledHost(called, given, messages, options);
    const backend = chooseBackend(address, { open, connect }, values);
    return await runLineShell({ backend, messages, color: values.color, isQuiet: values.q });
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    messages.fail(error.message);
    return EXIT_REXA_FAILED;
  }
}

/** @throws RexaError USAGE */
function chooseBackend(
  address: string,
  { open, connect }: Pick<HostSessionOptions, 'open'> & Pick<HostPlan, 'connect'>,
  { encoding }: ShellValues,
): Backend {
  const { target } = connect;
  if (target?.kind !== 'ready') return createHostBackend({ address, open, connect, encoding });
  if (encoding !== undefined) {
    throw usageError(
      "a Ready/Start peer's replies are UTF-8; its encoding is set at the daemon, as ready://HOST:PORT?encoding=NAME",
    );
  }
  return createReadyBackend(address, target, connect);
}

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
import { createConnectionLine } from './connection-line.ts';
import { EXIT_REXA_FAILED } from './exit-status.ts';
import { readHostName, refuseUser } from './host-name.ts';
import { createMessages } from './messages.ts';
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
  const refusal = refuseUser(user);
  if (refusal !== null) {
    messages.fail(refusal.message);
    return EXIT_REXA_FAILED;
  }
  if (!values.line) messages.warn('terminals are not in this version of rexa: this is the line shell');
  const timeout = values['connect-timeout'];
  const reconnectFor = values['reconnect-for'];
  const connect: ConnectOptions = {
    log: (line) => messages.debug(1, line),
    ...(timeout === undefined ? {} : { timeout }),
    ...(reconnectFor === undefined ? {} : { reconnectFor }),
    handleStatus: createConnectionLine(process.stderr, values.q).handleStatus,
  };
  try {
    const backend = chooseBackend(address, connect, values);
    return await runLineShell({ backend, messages, color: values.color, isQuiet: values.q });
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    messages.fail(error.message);
    return EXIT_REXA_FAILED;
  }
}

/** @throws RexaError ADDRESS_INVALID, ADDRESS_UNSUPPORTED, USAGE */
function chooseBackend(address: string, connect: ConnectOptions, { encoding }: ShellValues): Backend {
  const parsed = parseAddress(address);
  if (parsed.kind !== 'ready') return createHostBackend({ address, open: openHost, connect, encoding });
  if (encoding !== undefined) {
    throw usageError(
      "a Ready/Start peer's replies are UTF-8; its encoding is set at the daemon, as ready://HOST:PORT?encoding=NAME",
    );
  }
  return createReadyBackend(address, parsed, connect);
}

import { usageError } from '../../command-line/usage-error.ts';
import { parseAddress } from '../../link/address.ts';
import { openHost } from '../connect.ts';
import type { ConnectOptions } from '../run-types.ts';
import type { Backend } from '../shell/backend.ts';
import { createHostBackend } from '../shell/host/host-backend.ts';
import { runLineShell } from '../shell/open-shell.ts';
import { createReadyBackend } from '../shell/ready/ready-backend.ts';
import { refuseUser } from './host-name.ts';
import type { MessageOptions, Messages } from './messages.ts';
import type { RunPlan, Surroundings } from './run-plan.ts';

/** What the line shell is asked for with. */
export interface LineShellPlan extends Pick<RunPlan, 'address' | 'user' | 'connectTimeoutMs'> {
  readonly encoding: string | undefined;
  readonly color: MessageOptions['color'];
  readonly isQuiet: boolean;
  /** Opens the host, where that is to be done in another way. */
  readonly open?: Surroundings['open'];
}

/**
 * The line shell on our own streams.
 * @returns its exit status
 * @throws RexaError of the connection, ADDRESS_INVALID, ADDRESS_UNSUPPORTED, USAGE, USER_REFUSED
 */
export async function runByLines(plan: LineShellPlan, messages: Messages): Promise<number> {
  const refusal = refuseUser(plan.user);
  if (refusal !== null) throw refusal;
  const timeout = plan.connectTimeoutMs;
  const connect: ConnectOptions = {
    log: (line) => messages.debug(1, line),
    ...(timeout === undefined ? {} : { timeout }),
  };
  const backend = chooseBackend(plan, connect);
  return runLineShell({ backend, messages, color: plan.color, isQuiet: plan.isQuiet });
}

/** The same in the place of a terminal. @param reason why there is none; a word about it is said */
export function turnToLines(reason: string, plan: LineShellPlan, messages: Messages): Promise<number> {
  messages.warn(`${reason}: this is the line shell`);
  return runByLines(plan, messages);
}

/** @throws RexaError ADDRESS_INVALID, ADDRESS_UNSUPPORTED, USAGE */
function chooseBackend(
  { address, encoding, open = openHost }: LineShellPlan,
  connect: ConnectOptions,
): Backend {
  const parsed = parseAddress(address);
  if (parsed.kind !== 'ready') return createHostBackend({ address, open, connect, encoding });
  if (encoding !== undefined) {
    throw usageError(
      "a Ready/Start peer's replies are UTF-8; its encoding is set at the daemon, as ready://HOST:PORT?encoding=NAME",
    );
  }
  return createReadyBackend(address, parsed, connect);
}

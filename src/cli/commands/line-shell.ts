import type { OpenOptions } from '../../client/open-host.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { type HostOptions, planHost } from '../host/host-plan.ts';
import { openCalledHost } from '../host/open-called-host.ts';
import type { Backend } from '../line-shell/backend.ts';
import { createHostBackend } from '../line-shell/host/host-backend.ts';
import { runLineShell } from '../line-shell/open-shell.ts';
import { createReadyBackend } from '../line-shell/ready/ready-backend.ts';
import type { MessageOptions, Messages } from '../output/messages.ts';
import type { ProcessContext, RunPlan } from '../run/run-plan.ts';
import { closedUnused } from '../share/until-unused.ts';

/** What the line shell is asked for with. */
export interface LineShellPlan extends Pick<RunPlan, 'address' | 'user' | 'connectTimeoutMs'> {
  readonly encoding: string | undefined;
  /** What becomes of typed input that can't be written in it; undefined: the bell rings and it is not sent. */
  readonly encodingErrors?: 'replace' | undefined;
  readonly color: MessageOptions['color'];
  readonly isQuiet: boolean;
  /** What the command line says of the host. */
  readonly given: HostOptions;
  /** Opens the host, where that is to be done in another way. */
  readonly open?: ProcessContext['open'];
}

/**
 * The line shell on our own streams.
 * @returns its exit status
 * @throws RexaError of the connection, USAGE, and as planHost
 */
export async function runByLines(plan: LineShellPlan, messages: Messages): Promise<number> {
  const { address, given } = plan;
  // Only the kind of address counts: the files of ssh, which may run commands, are read when it is opened
  const { connect } = await planHost(address, { ...given, sshConfig: false }, messages);
  const openHost = plan.open ?? ((called, options) => openCalledHost(called, given, messages, options));
  const open: ProcessContext['open'] = async (called, options) =>
    closedUnused(await openHost(called, options), messages);
  const backend = chooseBackend({ ...plan, open }, connect);
  return runLineShell({ backend, messages, color: plan.color, isQuiet: plan.isQuiet });
}

/** The same in the place of a terminal. @param reason why there is none; a word about it is said */
export function turnToLines(reason: string, plan: LineShellPlan, messages: Messages): Promise<number> {
  messages.warn(`${reason}: using the line shell`);
  return runByLines(plan, messages);
}

/** @throws RexaError USAGE */
function chooseBackend(
  { address, encoding, encodingErrors, open }: LineShellPlan & Pick<ProcessContext, 'open'>,
  connect: OpenOptions,
): Backend {
  const { target } = connect;
  if (target?.kind !== 'ready') {
    // All else is decided where it is opened, with the files of ssh
    const { timeout } = connect;
    const asked = timeout === undefined ? {} : { timeout };
    return createHostBackend({ address, open, connect: asked, encoding, encodingErrors });
  }
  if (encoding !== undefined) {
    throw usageError(
      'replies of a Ready/Start peer are UTF-8; set its encoding at the daemon, as ready://HOST:PORT?encoding=NAME',
    );
  }
  return createReadyBackend(address, target, connect);
}

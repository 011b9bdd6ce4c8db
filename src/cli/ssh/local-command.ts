import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ownShell } from '../../places/own-shell.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { userEnvironment } from '../../runtime/node-variables.ts';
import type { Messages } from '../output/messages.ts';
import type { ProcessContext } from '../run/run-plan.ts';

type Open = ProcessContext['open'];

/**
 * Opens a host and, once logged in, runs a line of our own shell to its end (LocalCommand of ssh_config(5)). Its exit
 * status changes nothing, as in ssh.
 */
export function withLocalCommand(open: Open, line: string, messages: Messages): Open {
  return async (address, options) => {
    // A client that may still be refused has not logged in
    const host = await open(address, { ...options, isEarly: false });
    await host.greeted(options.timeout ?? DEFAULT_CONNECT_TIMEOUT_MS);
    const child = spawn(ownShell(), ['-c', line], { stdio: 'inherit', env: userEnvironment() });
    await once(child, 'exit').catch((error: Error) => messages.warn(`LocalCommand: ${error.message}`));
    return host;
  };
}

import { usageError } from '../../command-line/usage-error.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';

/** What ssh can be told to do with a shared connection. */
const COMMANDS: readonly string[] = ['check', 'forward', 'cancel', 'exit', 'stop', 'proxy'];

/**
 * Returns what ssh says of `-O` where nobody shares a connection, which is always so here: programs that look for one
 * (ansible, VS Code) go on without it.
 * @throws RexaError USAGE without a ControlPath, and for a command that ssh does not know
 */
export function answerControl(command: string, { controlPath = 'none' }: SshSettings): string {
  if (!COMMANDS.includes(command)) throw usageError(`-O: unknown multiplex command '${command}'`);
  if (controlPath.toLowerCase() === 'none') {
    throw usageError('no ControlPath was specified for the -O command');
  }
  return `Control socket connect(${controlPath}): No such file or directory`;
}

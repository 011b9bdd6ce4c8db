import { ownShell } from '../../places/own-shell.ts';
import { userEnvironment } from '../../runtime/node-variables.ts';
import { invalid } from './config-error.ts';

/**
 * Runs the command of a `Match exec` in the user's shell, without stdin and stdout.
 * @param place of the line, for messages
 * @returns whether it exited with 0
 * @throws RexaError SSH_CONFIG_INVALID for a command that could not be run or was ended by a signal
 */
export function runCondition(command: string, place: string): boolean {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const shell = ownShell();
  const { error, signal, status } = spawnSync(shell, ['-c', command], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: userEnvironment(),
  });
  if (error !== undefined) throw invalid(`Shell "${shell}" is not executable: ${error.message}`);
  if (signal !== null) throw invalid(`${place}: match exec '${command}' error: it was ended by ${signal}`);
  return status === 0;
}

import type { ChildProcess } from 'node:child_process';
import type { CommandGroup } from './command-group.ts';
import type { ProcessExit } from './runner.ts';

/**
 * Waits for a command's end. No event may be handled between the spawn and this: until then the pid can only be the
 * command's, and its exit isn't told.
 * @param handleExit called when it has ended, before the promise resolves
 */
export function watchCommandExit(
  child: ChildProcess,
  group: CommandGroup,
  handleExit: () => void,
): Promise<ProcessExit> {
  return new Promise<ProcessExit>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      group.leaderExited();
      handleExit();
      resolve(signal === null ? { exitCode, signal } : { exitCode: null, signal });
    });
  });
}

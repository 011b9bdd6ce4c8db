import type { ChildProcess } from 'node:child_process';
import type { ExitWitness, SystemCalls } from '../system/system-calls.ts';
import type { CommandGroup } from './command-group.ts';
import type { ProcessExit } from './runner.ts';
import { signalName } from './signals.ts';

/**
 * Waits for a command's end. Nothing may be awaited between the spawn and this: until then the pid can only be the
 * command's, and its exit isn't told.
 * @param handleExit called when it has ended, before the promise resolves
 */
export function watchCommandExit(
  system: SystemCalls,
  child: ChildProcess,
  pid: number,
  group: CommandGroup,
  handleExit: () => void,
): Promise<ProcessExit> {
  const witness = system.watchExit(pid);
  return new Promise<ProcessExit>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      group.leaderExited();
      handleExit();
      resolve(readExit(exitCode, signal, witness));
      witness?.close();
    });
  });
}

/** Node tells an end by a signal that it has no name for, such as a real-time one, as an exit with 0. */
function readExit(
  exitCode: number | null,
  signal: NodeJS.Signals | null,
  witness: ExitWitness | null,
): ProcessExit {
  if (signal !== null) return { exitCode: null, signal };
  const unnamed = exitCode === 0 ? (witness?.endSignal() ?? null) : null;
  return unnamed === null ? { exitCode, signal: null } : { exitCode: null, signal: signalName(unnamed) };
}

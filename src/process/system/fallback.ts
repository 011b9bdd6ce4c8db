import { spawnSync } from 'node:child_process';
import type { LockResult, SystemCalls } from './system-calls.ts';

/**
 * What can be done with Node alone. Everything works, and less well.
 * @param reason why it is this, for the log
 */
export function openFallbackCalls(reason: string): SystemCalls {
  return {
    name: 'fallback',
    limitations: [
      `system calls: ${reason}`,
      'descriptors: what this daemon inherited from its starter is handed on to commands',
      'pipes: commands get the socketpairs of Node, under which /dev/stdout and /dev/stderr cannot be reopened',
      'peer credentials: the user behind a Unix socket is not known',
      'orphans: a process that left its session and lost its parent is found by its environment only',
      'locks: made by flock(1) where it is installed, else there are none',
      'commands: spawned by Node, which cannot give a program words that are not UTF-8',
      'exit: a program ended by a real-time signal is told as exited with 0',
      'terminals: made by script(1) where it is installed, else there are none',
    ],
    sealDescriptors: () => undefined,
    makePipe: () => null,
    makeSocketPair: () => null,
    growPipe: () => undefined,
    unreadBytes: () => 0,
    peerCredentials: () => null,
    becomeSubreaper: () => false,
    lockFile: lockByProgram,
    findDeadChild: () => null,
    reapChild: () => null,
    posixSpawn: null,
    terminals: null,
  };
}

/** flock(1) locks the open file that the descriptor stands for, and that stays open here after it has ended. */
function lockByProgram(fd: number): LockResult {
  const { error, status } = spawnSync('flock', ['-x', '-n', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
    windowsHide: true,
  });
  if (error !== undefined || status === null) return 'unknown';
  return (['locked', 'busy'] as const)[status] ?? 'unknown';
}

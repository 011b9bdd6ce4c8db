import { Readable } from 'node:stream';
import { isSettledWithin } from '../../runtime/awake-timer.ts';
import { HANG_UP_MS } from '../limits.ts';
import { NO_HOLDERS } from '../system/pipe-holders.ts';
import type { TerminalCalls, TerminalRequest } from '../system/system-calls.ts';
import { checkRequest } from './check-request.ts';
import { watchCommandExit } from './command-exit.ts';
import { createCommandGroup } from './command-group.ts';
import type { PosixSpawner } from './posix-spawner.ts';
import { startProgram } from './program-words.ts';
import type { Runner, Running, StartRequest } from './runner.ts';
import { type StartedCommand, spawnExactly } from './spawn-command.ts';
import { toSpawnError } from './spawn-error.ts';
import { openTerminalScreen, type TerminalScreen } from './terminal-screen.ts';

/** Starts commands on terminals of their own, as children of this process. */
export function createTerminalRunner(calls: TerminalCalls, spawner: PosixSpawner): Runner {
  return {
    async start(request) {
      try {
        // Each attempt has a new terminal: the end of a session leader hangs its terminal up
        return await startProgram(request, checkRequest(request), async (words) => {
          const { screen, path } = openTerminal(calls, request);
          try {
            const started = await spawnExactly(spawner, request, words, { terminal: path });
            return watchCommand(request, screen, started, spawner);
          } catch (error) {
            screen.close();
            throw error;
          }
        });
      } catch (error) {
        throw toSpawnError(request, error);
      }
    },
  };
}

interface OpenTerminal {
  readonly screen: TerminalScreen;
  readonly path: string;
}

/** @throws Error with `code`, such as when all terminals of the host are taken */
function openTerminal(calls: TerminalCalls, request: StartRequest): OpenTerminal {
  const pair = calls.open(request.terminal as TerminalRequest);
  return { screen: openTerminalScreen(calls, pair), path: pair.path };
}

/** No event may be handled before this: see watchCommandExit. */
function watchCommand(
  request: StartRequest,
  screen: TerminalScreen,
  { command, pid }: StartedCommand,
  spawner: PosixSpawner,
): Running {
  const group = createCommandGroup(command, pid, request.runId);
  const exit = watchCommandExit(command.nodeChildProcess, group, screen.finish);
  return {
    pid,
    stdin: request.stdin === 'pipe' ? screen.keyboard : null,
    stdout: screen.output,
    stderr: Readable.from([]),
    descriptors: new Map(),
    exit,
    noticeExit: () => spawner.noticeEnd(pid),
    signal: group.signal,
    endTree(graceMs) {
      // Shells that are not to be ended by SIGTERM are by this
      group.signal('SIGHUP');
      return group.endTree(graceMs);
    },
    async hangUp(graceMs) {
      // A shell that finds its terminal gone may take that for an end of file, and tell its jobs nothing
      group.signal('SIGHUP');
      const toldMs = Math.min(graceMs, HANG_UP_MS);
      await isSettledWithin(exit, toldMs);
      screen.close();
      if (!(await isSettledWithin(exit, graceMs - toldMs))) return group.endTree(0);
      // Killed, or busy for too long, it has told its jobs nothing
      group.hangUpSession(pid);
      return [];
    },
    resize: screen.resize,
    hidesInput: screen.hidesInput,
    waitingBytes: (name) => (name === 'stdout' ? screen.output.readableLength : 0),
    findPipeHolders: () => NO_HOLDERS,
  };
}

import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { HANG_UP_MS } from '../../protocol/limits.ts';
import type { SystemCalls, TerminalCalls } from '../system/system-calls.ts';
import { checkRequest } from './check-request.ts';
import { watchCommandExit } from './command-exit.ts';
import { type Command, createCommandGroup } from './command-group.ts';
import type { Runner, Running, StartRequest, TerminalRequest } from './runner.ts';
import { spawnCommand } from './spawn-command.ts';
import { tellSpawnError } from './spawn-error.ts';
import { checkProgram, putOnTerminal } from './terminal-command.ts';
import { openTerminalScreen, type TerminalScreen } from './terminal-screen.ts';

/** Starts commands on terminals of their own, as children of this process. */
export function createTerminalRunner(system: SystemCalls, calls: TerminalCalls): Runner {
  return { start: (request) => startCommand(system, calls, request) };
}

async function startCommand(
  system: SystemCalls,
  calls: TerminalCalls,
  request: StartRequest,
): Promise<Running> {
  checkRequest(request);
  checkProgram(request);
  const { execa } = await import('execa');
  const { screen, path } = openTerminal(calls, request);
  let subprocess: Command;
  try {
    const command = { runId: request.runId, cwd: request.cwd, environment: request.environment };
    subprocess = spawnCommand(execa, { ...command, ...putOnTerminal(request, path) }, [
      'ignore',
      'ignore',
      'ignore',
    ]);
  } catch (error) {
    screen.close();
    throw tellSpawnError(request, error);
  }
  const { pid } = subprocess.nodeChildProcess;
  if (pid === undefined) {
    screen.close();
    const { cause } = await subprocess;
    throw tellSpawnError(request, cause);
  }
  const running = watchCommand(system, request, screen, subprocess, pid);
  // Keys that come before would make signals for nobody
  await screen.taken();
  return running;
}

interface OpenTerminal {
  readonly screen: TerminalScreen;
  readonly path: string;
}

/** @throws RexaError SPAWN_FAILED, such as when all terminals of the host are taken */
function openTerminal(calls: TerminalCalls, request: StartRequest): OpenTerminal {
  const { isUtf8, ...size } = request.terminal as TerminalRequest;
  try {
    const pair = calls.open(size, isUtf8);
    return { screen: openTerminalScreen(calls, pair), path: pair.path };
  } catch (error) {
    throw tellSpawnError(request, error);
  }
}

/** Nothing may be awaited before this: see watchCommandExit. */
function watchCommand(
  system: SystemCalls,
  request: StartRequest,
  screen: TerminalScreen,
  subprocess: Command,
  pid: number,
): Running {
  const { nodeChildProcess } = subprocess;
  const group = createCommandGroup(subprocess, pid, request.runId);
  const exit = watchCommandExit(system, nodeChildProcess, pid, group, screen.finish);
  return {
    pid,
    stdin: request.stdin === 'pipe' ? screen.keyboard : null,
    stdout: screen.output,
    stderr: Readable.from([]),
    exit,
    signal: group.signal,
    endTree(graceMs) {
      // Shells that are not to be ended by SIGTERM are by this
      group.signal('SIGHUP');
      return group.endTree(graceMs);
    },
    async hangUp(graceMs) {
      const isOverWithin = (ms: number): Promise<boolean> =>
        Promise.race([exit.then(() => true), sleep(ms, false, { ref: false })]);
      // A shell that finds its terminal gone may take that for an end of file, and tell its jobs nothing
      group.signal('SIGHUP');
      const toldMs = Math.min(graceMs, HANG_UP_MS);
      await isOverWithin(toldMs);
      screen.close();
      return (await isOverWithin(graceMs - toldMs)) ? [] : group.endTree(0);
    },
    resize: screen.resize,
    findPipeHolders: () => [],
  };
}

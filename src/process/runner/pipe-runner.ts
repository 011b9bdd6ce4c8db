import { findPipeHolders } from '../system/pipe-holders.ts';
import type { SystemCalls } from '../system/system-calls.ts';
import { checkRequest, refuseForeignProgram } from './check-request.ts';
import { watchCommandExit } from './command-exit.ts';
import { createCommandGroup } from './command-group.ts';
import { type CommandPipes, openCommandPipes } from './command-pipes.ts';
import type { Program } from './find-program.ts';
import type { PosixSpawner } from './posix-spawner.ts';
import { startProgram } from './program-words.ts';
import type { Runner, Running, StartRequest } from './runner.ts';
import { type StartedCommand, spawnByNode, spawnExactly } from './spawn-command.ts';
import { toSpawnError } from './spawn-error.ts';

/**
 * Starts commands as children of this process, on real pipes where the host has them.
 * @param spawner null: Node spawns
 */
export function createPipeRunner(system: SystemCalls, spawner: PosixSpawner | null): Runner {
  system.sealDescriptors();
  return {
    async start(request) {
      try {
        return await startCommand(system, spawner, request);
      } catch (error) {
        throw toSpawnError(request, error);
      }
    },
  };
}

/** @throws Error as toSpawnError takes it */
async function startCommand(
  system: SystemCalls,
  spawner: PosixSpawner | null,
  request: StartRequest,
): Promise<Running> {
  const program = checkRequest(request);
  const pipes = openCommandPipes(system, request);
  let started: StartedCommand;
  try {
    started = await spawnOn(pipes, spawner, request, program);
  } catch (error) {
    pipes.destroy();
    throw error;
  } finally {
    pipes.closeCommandEnds();
  }
  try {
    return watchCommand(request, pipes, started, spawner);
  } catch (error) {
    // Nobody would know of it
    started.command.kill('SIGKILL');
    pipes.destroy();
    throw error;
  }
}

async function spawnOn(
  { stdio, descriptors }: CommandPipes,
  spawner: PosixSpawner | null,
  request: StartRequest,
  program: Program | null,
): Promise<StartedCommand> {
  if (spawner === null || descriptors === null) {
    refuseForeignProgram(request, program);
    return spawnByNode(request, stdio);
  }
  return startProgram(request, program, (words) => spawnExactly(spawner, request, words, descriptors));
}

/** No event may be handled before this: until then the pid can only be the command's, and its exit isn't told. */
function watchCommand(
  { runId }: StartRequest,
  pipes: CommandPipes,
  { command, pid }: StartedCommand,
  spawner: PosixSpawner | null,
): Running {
  const child = command.nodeChildProcess;
  const group = createCommandGroup(command, pid, runId);
  const { stdin, stdout, stderr, descriptors, ...asked } = pipes.streams(child);
  let unread: number | null = null;
  const exit = watchCommandExit(child, group, () => {
    unread = asked.unreadInput?.settle() ?? null;
    // What is still being written fails by itself when nobody is left to read it
    if (stdin?.writableLength === 0) stdin.destroy();
  });
  return {
    pid,
    stdin,
    stdout,
    stderr,
    descriptors,
    exit,
    noticeExit: () => spawner?.noticeEnd(pid),
    signal: group.signal,
    endTree: group.endTree,
    hangUp: group.endTree,
    resize: () => undefined,
    waitingBytes: asked.waitingBytes,
    unreadInput: () => unread,
    findPipeHolders: () => findPipeHolders({ ...asked.openPipes(), pid, runId }),
  };
}

import { findPipeHolders } from '../system/pipe-holders.ts';
import type { SystemCalls } from '../system/system-calls.ts';
import { checkRequest } from './check-request.ts';
import { watchCommandExit } from './command-exit.ts';
import { type Command, createCommandGroup } from './command-group.ts';
import { type CommandPipes, openCommandPipes } from './command-pipes.ts';
import type { Runner, Running, StartRequest } from './runner.ts';
import { spawnCommand } from './spawn-command.ts';
import { tellSpawnError } from './spawn-error.ts';

/** Starts commands as children of this process, on real pipes where the host has them. */
export function createPipeRunner(system: SystemCalls): Runner {
  system.sealDescriptors();
  return { start: (request) => startCommand(system, request) };
}

async function startCommand(system: SystemCalls, request: StartRequest): Promise<Running> {
  checkRequest(request);
  // Dear to load: a daemon listens before it does.
  const { execa } = await import('execa');
  let pipes: CommandPipes;
  try {
    pipes = openCommandPipes(system, request.stdin);
  } catch (error) {
    throw tellSpawnError(request, error);
  }
  const subprocess = spawn(execa, request, pipes);
  const { pid } = subprocess.nodeChildProcess;
  if (pid === undefined) {
    pipes.destroy();
    const { cause } = await subprocess;
    throw tellSpawnError(request, cause);
  }
  try {
    return watchCommand(system, request, pipes, subprocess, pid);
  } catch (error) {
    // Nobody would know of it
    subprocess.kill('SIGKILL');
    pipes.destroy();
    throw error;
  }
}

function spawn(
  execa: Parameters<typeof spawnCommand>[0],
  request: StartRequest,
  pipes: CommandPipes,
): Command {
  try {
    return spawnCommand(execa, request, pipes.stdio);
  } catch (error) {
    pipes.destroy();
    throw tellSpawnError(request, error);
  } finally {
    pipes.closeCommandEnds();
  }
}

/** Nothing may be awaited before this: until then the pid can only be the command's, and its exit isn't told. */
function watchCommand(
  system: SystemCalls,
  { runId }: StartRequest,
  pipes: CommandPipes,
  subprocess: Command,
  pid: number,
): Running {
  const child = subprocess.nodeChildProcess;
  const group = createCommandGroup(subprocess, pid, runId);
  const { stdin, stdout, stderr, openPipeNames } = pipes.streams(child);
  const exit = watchCommandExit(system, child, pid, group, () => {
    // What is still being written fails by itself when nobody is left to read it
    if (stdin?.writableLength === 0) stdin.destroy();
  });
  return {
    pid,
    stdin,
    stdout,
    stderr,
    exit,
    signal: group.signal,
    endTree: group.endTree,
    hangUp: group.endTree,
    resize: () => undefined,
    findPipeHolders: () => findPipeHolders(openPipeNames()),
  };
}

import type { execa as Execa } from 'execa';
import { findPipeHolders } from '../system/pipe-holders.ts';
import { RUN_ID_VARIABLE } from '../system/process-table.ts';
import type { ExitWitness, SystemCalls } from '../system/system-calls.ts';
import { checkRequest } from './check-request.ts';
import { type Command, createCommandGroup, GROUP_OPTIONS } from './command-group.ts';
import { type CommandPipes, openCommandPipes } from './command-pipes.ts';
import type { ProcessExit, Runner, Running, StartRequest } from './runner.ts';
import { signalName } from './signals.ts';
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
  const subprocess = spawnCommand(execa, request, pipes);
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

function spawnCommand(execa: typeof Execa, request: StartRequest, pipes: CommandPipes): Command {
  // The types of execa know descriptors up to 9 only
  const [stdin, stdout, stderr] = pipes.stdio as readonly ['pipe', 'pipe', 'pipe'];
  const options = {
    ...GROUP_OPTIONS,
    cwd: request.cwd,
    env: { ...request.environment, [RUN_ID_VARIABLE]: request.runId },
    extendEnv: false,
    stdin,
    stdout,
    stderr,
    buffer: false,
    reject: false,
    cleanup: false,
    forceKillAfterDelay: false,
    windowsHide: true,
  } as const;
  try {
    return execa(request.file, request.args, options);
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
  const witness = system.watchExit(pid);
  const group = createCommandGroup(subprocess, pid, runId);
  const { stdin, stdout, stderr, openPipeNames } = pipes.streams(child);
  const exit = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      group.leaderExited();
      // What is still being written fails by itself when nobody is left to read it
      if (stdin?.writableLength === 0) stdin.destroy();
      resolve(readExit(exitCode, signal, witness));
      witness?.close();
    });
  });
  return {
    pid,
    stdin,
    stdout,
    stderr,
    exit,
    signal: group.signal,
    endTree: group.endTree,
    findPipeHolders: () => findPipeHolders(openPipeNames()),
  };
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

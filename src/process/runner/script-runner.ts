import { spawn } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { RexaError } from '../../protocol/errors.ts';
import type { SystemCalls, TerminalSize } from '../system/system-calls.ts';
import { checkRequest } from './check-request.ts';
import { watchCommandExit } from './command-exit.ts';
import { type Command, createCommandGroup } from './command-group.ts';
import { findProgram } from './find-program.ts';
import type { Runner, Running, StartRequest } from './runner.ts';
import { spawnCommand } from './spawn-command.ts';
import { tellSpawnError } from './spawn-error.ts';
import { checkProgram } from './terminal-command.ts';

/** Runs LINE on a terminal, quietly, without delay, and exits as it does. */
const SCRIPT = ['-qefc'] as const;

/**
 * The stated fallback: the terminals of script(1) of util-linux, on pipes of Node. What is less there: a command that a
 * signal ends is told as exited with 128 + its number.
 */
export function createScriptRunner(system: SystemCalls): Runner {
  return { start: (request) => startCommand(system, request) };
}

async function startCommand(system: SystemCalls, request: StartRequest): Promise<Running> {
  checkRequest(request);
  const script = findScript(request);
  checkProgram(request);
  const { execa } = await import('execa');
  const subprocess = spawnCommand(
    execa,
    {
      ...request,
      file: script,
      args: [...SCRIPT, writeLine(request), '/dev/null'],
      // script gives the line to this one
      environment: { ...request.environment, SHELL: '/bin/sh' },
    },
    ['pipe', 'pipe', 'ignore'],
  );
  const { pid } = subprocess.nodeChildProcess;
  if (pid === undefined) {
    const { cause } = await subprocess;
    throw tellSpawnError(request, cause);
  }
  return watchCommand(system, request, subprocess, pid);
}

/** @throws RexaError TERMINAL_UNAVAILABLE */
function findScript({ environment }: StartRequest): string {
  const script = process.platform === 'linux' ? findProgram('script', '/', environment['PATH']) : null;
  if (script?.isExecutable) return script.path;
  throw new RexaError('TERMINAL_UNAVAILABLE', [
    'koffi, by which rexad opens terminals, cannot be used there, nor script(1) of util-linux',
  ]);
}

function writeLine({ file, args, argv0, terminal, environment }: StartRequest): string {
  const { columns = 80, rows = 24, isUtf8 = true } = terminal ?? {};
  const login = argv0 === `-${basename(file)}` ? ['-l'] : [];
  const shell = environment['SHELL'];
  return [
    `stty rows ${rows} cols ${columns} ${isUtf8 ? 'iutf8' : ''}`,
    shell === undefined ? 'unset SHELL' : `SHELL=${quote(shell)}`,
    `exec ${[file, ...login, ...args].map(quote).join(' ')}`,
  ].join('; ');
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function watchCommand(
  system: SystemCalls,
  { runId, stdin }: StartRequest,
  subprocess: Command,
  pid: number,
): Running {
  const child = subprocess.nodeChildProcess;
  const group = createCommandGroup(subprocess, pid, runId);
  const stdout = new PassThrough();
  if (child.stdout !== null) pipeline(child.stdout, stdout, () => undefined);
  child.stdin?.on('error', () => undefined);
  const exit = watchCommandExit(system, child, pid, group, () => undefined);
  return {
    pid,
    stdin: stdin === 'pipe' ? child.stdin : null,
    stdout,
    stderr: Readable.from([]),
    exit,
    signal: (name) => signalSession(findChild(pid), name),
    endTree(graceMs) {
      signalSession(findChild(pid), 'SIGHUP');
      return group.endTree(graceMs);
    },
    async hangUp(graceMs) {
      signalSession(findChild(pid), 'SIGHUP');
      const isOver = await Promise.race([exit.then(() => true), sleep(graceMs, false, { ref: false })]);
      return isOver ? [] : group.endTree(0);
    },
    resize: (size) => resize(pid, size),
    findPipeHolders: () => [],
  };
}

/** The process that script has put on its terminal; null when there is none. */
function findChild(pid: number): number | null {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return Number(child) || null;
  } catch {
    return null;
  }
}

function signalSession(leader: number | null, name: NodeJS.Signals): boolean {
  try {
    return leader !== null && process.kill(-leader, name);
  } catch {
    return false;
  }
}

function resize(pid: number, { columns, rows }: TerminalSize): void {
  try {
    const terminal = readlinkSync(`/proc/${findChild(pid)}/fd/0`);
    const size = ['rows', String(rows), 'cols', String(columns)];
    spawn('stty', ['-F', terminal, ...size], { stdio: 'ignore' }).on('error', () => undefined);
  } catch {
    // It has just ended
  }
}

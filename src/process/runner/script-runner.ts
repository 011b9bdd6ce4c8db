import { spawn } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { RexaError } from '../../protocol/errors.ts';
import { IUTF8, listSttyWords } from '../../protocol/terminal-modes.ts';
import { describeWord, type Word } from '../../protocol/word.ts';
import { isSettledWithin } from '../../runtime/awake-timer.ts';
import { NO_HOLDERS } from '../system/pipe-holders.ts';
import type { TerminalSize } from '../system/system-calls.ts';
import { checkRequest, refuseForeignProgram } from './check-request.ts';
import { watchCommandExit } from './command-exit.ts';
import { createCommandGroup } from './command-group.ts';
import { findProgram, type Program, readInterpreter } from './find-program.ts';
import type { Runner, Running, StartRequest } from './runner.ts';
import { type StartedCommand, spawnByNode } from './spawn-command.ts';
import { toSpawnError } from './spawn-error.ts';
import { findVariable, isNamed, wordBytes } from './words.ts';

/** Runs LINE on a terminal, quietly, without delay, and exits as it does. */
const SCRIPT = ['-qefc'] as const;

/**
 * The stated fallback: the terminals of script(1) of util-linux, on pipes of Node. What is less there: a command that a
 * signal ends is told as exited with 128 + its number.
 */
export function createScriptRunner(): Runner {
  return {
    async start(request) {
      try {
        return await startCommand(request);
      } catch (error) {
        throw toSpawnError(request, error);
      }
    },
  };
}

async function startCommand(request: StartRequest): Promise<Running> {
  const { argv0: _, ...rest } = request;
  const program = checkRequest(request);
  const script = findScript(request);
  checkProgram(request, program);
  const others = request.environment.filter((variable) => !isNamed(variable, 'SHELL'));
  const command: StartRequest = {
    ...rest,
    file: script,
    args: [...SCRIPT, writeLine(request), '/dev/null'],
    // script gives the line to this one
    environment: [...others, ['SHELL', '/bin/sh']],
  };
  return watchCommand(request, await spawnByNode(command, ['pipe', 'pipe', 'ignore']));
}

/**
 * Looks at the program first: the shell that becomes it could only tell an exit code.
 * @throws RexaError FILE_NOT_FOUND, FILE_NOT_EXECUTABLE
 */
function checkProgram(request: StartRequest, program: Program | null): void {
  if (program === null) throw toSpawnError(request, { code: 'ENOENT' });
  if (!program.isExecutable) throw toSpawnError(request, { code: 'EACCES' });
  refuseForeignProgram(request, program);
  const interpreter = readInterpreter(program.path);
  if (interpreter === null) return;
  const found = findProgram(interpreter, request.cwd);
  if (found === null) throw toSpawnError(request, { code: 'ENOENT' });
  if (!found.isExecutable) throw toSpawnError(request, { code: 'EACCES' });
}

/** @throws RexaError TERMINAL_UNAVAILABLE */
function findScript({ environment }: StartRequest): string {
  const script =
    process.platform === 'linux' ? findProgram('script', '/', findVariable(environment, 'PATH')) : null;
  if (script?.isExecutable) return script.path.toString();
  throw new RexaError('TERMINAL_UNAVAILABLE', [
    'koffi, by which rexad opens terminals, cannot be used there, nor script(1) of util-linux',
  ]);
}

/** The line of the shell, in the bytes of its words. */
function writeLine({ file, args, argv0, terminal, environment }: StartRequest): Uint8Array {
  const { columns = 80, rows = 24, isUtf8 = true, modes = {} } = terminal ?? {};
  const iutf8 = isUtf8 ? (modes[IUTF8] ?? 1) : 0;
  const modeWords = listSttyWords({ ...modes, [IUTF8]: iutf8 });
  const isLogin = argv0 !== undefined && describeWord(argv0) === `-${basename(describeWord(file))}`;
  const shell = findVariable(environment, 'SHELL');
  const words = [file, ...(isLogin ? ['-l'] : []), ...args];
  return Buffer.concat([
    // An stty that lacks one of the names changes nothing at all
    Buffer.from(`stty rows ${rows} cols ${columns}; stty ${modeWords.join(' ')} 2>/dev/null; `),
    ...(shell === undefined ? [Buffer.from('unset SHELL')] : [Buffer.from('SHELL='), quote(shell)]),
    Buffer.from('; exec'),
    ...words.flatMap((word) => [Buffer.from(' '), quote(word)]),
  ]);
}

function quote(word: Word): Buffer {
  const quoted = `'${wordBytes(word).toString('latin1').replaceAll("'", String.raw`'\''`)}'`;
  return Buffer.from(quoted, 'latin1');
}

function watchCommand({ runId, stdin }: StartRequest, { command, pid }: StartedCommand): Running {
  const child = command.nodeChildProcess;
  const group = createCommandGroup(command, pid, runId);
  const stdout = new PassThrough();
  if (child.stdout !== null) pipeline(child.stdout, stdout, () => undefined);
  child.stdin?.on('error', () => undefined);
  const exit = watchCommandExit(child, group, () => undefined);
  return {
    pid,
    stdin: stdin === 'pipe' ? child.stdin : null,
    stdout,
    stderr: Readable.from([]),
    descriptors: new Map(),
    exit,
    signal: (name) => signalGroup(findChild(pid), name),
    endTree(graceMs) {
      signalGroup(findChild(pid), 'SIGHUP');
      return group.endTree(graceMs);
    },
    async hangUp(graceMs) {
      const session = findChild(pid);
      signalGroup(session, 'SIGHUP');
      if (!(await isSettledWithin(exit, graceMs))) return group.endTree(0);
      // A job that was just being started may have lost the signal that its shell told it
      if (session !== null) group.hangUpSession(session);
      return [];
    },
    resize: (size) => resize(pid, size),
    waitingBytes: (name) => (name === 'stdout' ? stdout.readableLength : 0),
    findPipeHolders: () => NO_HOLDERS,
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

function signalGroup(leader: number | null, name: NodeJS.Signals): boolean {
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

import fs from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../places/make-folder.ts';
import { RexaError } from '../protocol/errors.ts';
import { LOCAL_START_MS } from '../protocol/limits.ts';
import { type AwakeTimer, startAwakeTimer } from '../runtime/awake-timer.ts';
import { DAEMON_NODE_OPTIONS, withoutNodeVariables } from '../runtime/node-variables.ts';
import { connectUnix } from './connect-unix.ts';
import { MAX_LOCAL_LOG_BYTES } from './limits.ts';

const FIRST_LOOK_MS = 5;
const LONGEST_LOOK_MS = 100;

/** A program of ours that is started when nobody answers at its socket. */
export interface SocketProgram {
  readonly socketPath: string;
  /** The script, for the Node that runs us, and its words. */
  readonly script: string;
  readonly words: readonly string[];
  /** Where its stdout and stderr go. */
  readonly logFile: string;
  /** The error of a start that fails, in words of its own. */
  readonly fail: (reason: string, cause?: unknown) => RexaError;
}

/**
 * Connects to the program's socket; where nobody answers, the program is started, and waited for.
 * @param handleStart called before a start
 * @throws RexaError of `fail`, and as connectUnix
 */
export async function connectOrStart(
  program: SocketProgram,
  timeoutMs: number,
  handleStart: () => void = () => {},
): Promise<Socket> {
  const first = await tryConnect(program.socketPath, timeoutMs);
  if (first) return first;
  handleStart();
  const timer = startAwakeTimer(() => undefined, LOCAL_START_MS);
  try {
    return await startAndConnect(program, timeoutMs, timer);
  } finally {
    timer.stop();
  }
}

async function startAndConnect(
  program: SocketProgram,
  timeoutMs: number,
  timer: AwakeTimer,
): Promise<Socket> {
  let started = await startProgram(program);
  for (let waitMs = FIRST_LOOK_MS; timer.leftMs > 0; waitMs = Math.min(waitMs * 2, LONGEST_LOOK_MS)) {
    await sleep(waitMs);
    const socket = await tryConnect(program.socketPath, timeoutMs);
    if (socket) return socket;
    if (started.state === 'failed') throw program.fail(started.reason);
    // Another one was there first. It answers soon, or it is just leaving and ours may take its place.
    if (started.state === 'already-listening') started = await startProgram(program);
  }
  throw program.fail(`it did not answer within ${LOCAL_START_MS} ms`);
}

/** What the system says of a socket where nobody is; the last of one that was just killed. */
const NOBODY_CODES: readonly unknown[] = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET'];

/** A socket, or null when nobody answers there. */
async function tryConnect(socketPath: string, timeoutMs: number): Promise<Socket | null> {
  try {
    return await connectUnix(socketPath, timeoutMs);
  } catch (error) {
    const code =
      error instanceof RexaError ? (error.cause as NodeJS.ErrnoException | undefined)?.code : undefined;
    if (NOBODY_CODES.includes(code)) return null;
    throw error;
  }
}

/** A program that was started, and what became of it. */
interface StartedProgram {
  state: 'running' | 'already-listening' | 'failed';
  /** Why it failed. */
  reason: string;
}

/** What a program of ours exits with where another one has the socket already. */
const EXIT_ALREADY_LISTENING = 3;
/** Behind stdin, stdout and stderr. */
const FIRST_EXTRA_DESCRIPTOR = 3;

/**
 * Starts a program of its own: no terminal, no pipe, no folder and no run of ours stays with it.
 * @throws RexaError of `fail`
 */
async function startProgram(program: SocketProgram): Promise<StartedProgram> {
  const { spawn } = await import('node:child_process');
  const log = openLog(program);
  const started: StartedProgram = { state: 'running', reason: '' };
  try {
    const child = spawn(process.execPath, [...DAEMON_NODE_OPTIONS, program.script, ...program.words], {
      cwd: '/',
      detached: true,
      // With the mark of a run it would be ended with that run
      env: { ...withoutNodeVariables(process.env), REXA_RUN_ID: undefined },
      stdio: ['ignore', log, log, ...coverDescriptors(log)],
      windowsHide: true,
    });
    child.once('error', (error) => Object.assign(started, { state: 'failed', reason: error.message }));
    child.once('exit', (code, signal) => {
      const reason = `it ended with ${signal ?? `status ${code}`}`;
      Object.assign(started, {
        state: code === EXIT_ALREADY_LISTENING ? 'already-listening' : 'failed',
        reason,
      });
    });
    child.unref();
    return started;
  } finally {
    fs.closeSync(log);
  }
}

/** What earlier ones wrote is kept beside it once it is long. */
function openLog({ logFile, fail }: SocketProgram): number {
  try {
    makeFolder(path.dirname(logFile));
    const size = fs.statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_LOCAL_LOG_BYTES) fs.renameSync(logFile, `${logFile}.old`);
    return fs.openSync(logFile, 'a', 0o600);
  } catch (cause) {
    throw fail(`its log cannot be written (${String(cause)})`, cause);
  }
}

/**
 * The log in the place of each descriptor above stderr: Node hands on what our caller left open there, such as the pipe
 * of a `$(...)` or of `>(...)`, and whoever reads that would wait for the program's end.
 */
function coverDescriptors(log: number): (number | 'ignore')[] {
  const open = new Set(listDescriptors());
  const last = Math.max(FIRST_EXTRA_DESCRIPTOR - 1, ...open);
  return Array.from({ length: last + 1 - FIRST_EXTRA_DESCRIPTOR }, (_, index) =>
    open.has(index + FIRST_EXTRA_DESCRIPTOR) ? log : 'ignore',
  );
}

function listDescriptors(): number[] {
  try {
    return fs.readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').map(Number);
  } catch {
    return [];
  }
}

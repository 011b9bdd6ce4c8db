import fs from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectUnix } from '../link/connect-unix.ts';
import { stateFolder } from '../link/local-socket.ts';
import { RexaError } from '../protocol/errors.ts';
import { LOCAL_IDLE_MS, LOCAL_START_MS, MAX_LOCAL_LOG_BYTES } from '../protocol/limits.ts';

const FIRST_LOOK_MS = 5;
const LONGEST_LOOK_MS = 100;

/**
 * Connects to this user's own daemon; if none answers, one is started that leaves when it has been idle for long.
 * @throws RexaError LOCAL_START_FAILED, and as connectUnix
 */
export async function connectLocal(
  socketPath: string,
  timeoutMs: number,
  log: (line: string) => void,
): Promise<Socket> {
  log(`connecting to ${socketPath}`);
  const first = await tryConnect(socketPath, timeoutMs);
  if (first) return first;
  const logFile = path.join(stateFolder(), 'rexad.log');
  log(`no daemon answers there: starting one, its log is ${logFile}`);
  return startAndConnect(socketPath, timeoutMs, logFile);
}

async function startAndConnect(socketPath: string, timeoutMs: number, logFile: string): Promise<Socket> {
  const untilMs = performance.now() + LOCAL_START_MS;
  let daemon = await startDaemon(logFile);
  for (
    let waitMs = FIRST_LOOK_MS;
    performance.now() < untilMs;
    waitMs = Math.min(waitMs * 2, LONGEST_LOOK_MS)
  ) {
    await sleep(waitMs);
    const socket = await tryConnect(socketPath, timeoutMs);
    if (socket) return socket;
    if (daemon.state === 'failed') throw new RexaError('LOCAL_START_FAILED', [daemon.reason, logFile]);
    // Another one was there first. It answers soon, or it is just leaving and ours may take its place.
    if (daemon.state === 'already-listening') daemon = await startDaemon(logFile);
  }
  throw new RexaError('LOCAL_START_FAILED', [`it did not answer within ${LOCAL_START_MS} ms`, logFile]);
}

/** A socket, or null when nobody answers there. */
async function tryConnect(socketPath: string, timeoutMs: number): Promise<Socket | null> {
  try {
    return await connectUnix(socketPath, timeoutMs);
  } catch (error) {
    const code =
      error instanceof RexaError ? (error.cause as NodeJS.ErrnoException | undefined)?.code : undefined;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return null;
    throw error;
  }
}

/** A daemon that was started, and what became of it. */
interface StartedDaemon {
  state: 'running' | 'already-listening' | 'failed';
  /** Why it failed. */
  reason: string;
}

const EXIT_ALREADY_LISTENING = 3;
/** Behind stdin, stdout and stderr. */
const FIRST_EXTRA_DESCRIPTOR = 3;

/**
 * Starts a daemon of its own: no terminal, no pipe and no folder of ours stays with it.
 * @throws RexaError LOCAL_START_FAILED
 */
async function startDaemon(logFile: string): Promise<StartedDaemon> {
  const { spawn } = await import('node:child_process');
  const log = openLog(logFile);
  const started: StartedDaemon = { state: 'running', reason: '' };
  try {
    const program = fileURLToPath(new URL('bin/rexad.js', import.meta.resolve('rexa/package.json')));
    const child = spawn(process.execPath, [program, '--idle-exit', `${LOCAL_IDLE_MS}ms`], {
      cwd: '/',
      detached: true,
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

/** What earlier daemons wrote is kept beside it once it is long. */
function openLog(logFile: string): number {
  try {
    fs.mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
    const size = fs.statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_LOCAL_LOG_BYTES) fs.renameSync(logFile, `${logFile}.old`);
    return fs.openSync(logFile, 'a', 0o600);
  } catch (cause) {
    throw new RexaError('LOCAL_START_FAILED', [`its log cannot be written (${String(cause)})`, logFile], {
      cause,
    });
  }
}

/**
 * The log in the place of each descriptor above stderr: Node hands on what our caller left open there, such as the pipe
 * of a `$(...)` or of `>(...)`, and whoever reads that would wait for the daemon's end.
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

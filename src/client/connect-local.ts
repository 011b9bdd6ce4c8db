import fs from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stateFolder } from '../link/local-socket.ts';
import { RexaError } from '../protocol/errors.ts';
import { LOCAL_IDLE_MS, LOCAL_START_MS } from '../protocol/limits.ts';
import { connectUnix } from './connect-unix.ts';

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

/** Starts a daemon of its own: no terminal, no pipe and no folder of ours stays with it. */
async function startDaemon(logFile: string): Promise<StartedDaemon> {
  const { spawn } = await import('node:child_process');
  fs.mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
  const log = fs.openSync(logFile, 'a', 0o600);
  const started: StartedDaemon = { state: 'running', reason: '' };
  try {
    const program = fileURLToPath(new URL('bin/rexad.js', import.meta.resolve('rexa/package.json')));
    const child = spawn(process.execPath, [program, '--idle-exit', `${LOCAL_IDLE_MS}ms`], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
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

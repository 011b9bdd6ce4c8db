import fs from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { RexaError } from '../protocol/errors.ts';
import { MAX_SOCKET_PATH_BYTES } from '../protocol/limits.ts';
import { startAwakeTimer } from '../runtime/awake-timer.ts';
import { connectSocket } from './connect-socket.ts';

/**
 * Connects to a Unix socket that is safe to trust: it and its folder belong to us, and nobody else can write there.
 * @throws RexaError CONNECT_FAILED (its `cause` has the system's code), CONNECT_TIMEOUT, SOCKET_NOT_OURS,
 * SOCKET_PATH_TOO_LONG
 */
export async function connectUnix(socketPath: string, timeoutMs: number): Promise<Socket> {
  checkSocketPath(socketPath);
  checkOwner(socketPath);
  const socket = connectSocket({ path: socketPath, allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    const timer = startAwakeTimer(() => {
      socket.destroy();
      reject(new RexaError('CONNECT_TIMEOUT', [`unix:${socketPath}`, timeoutMs]));
    }, timeoutMs);
    socket.once('connect', () => {
      timer.stop();
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (cause) => {
      timer.stop();
      reject(failed(socketPath, cause));
    });
  });
}

const STICKY = 0o1000;

/** @throws RexaError SOCKET_PATH_TOO_LONG */
export function checkSocketPath(socketPath: string): void {
  const most = process.platform === 'linux' ? MAX_SOCKET_PATH_BYTES.linux : MAX_SOCKET_PATH_BYTES.other;
  const bytes = Buffer.byteLength(socketPath);
  if (bytes >= most) throw new RexaError('SOCKET_PATH_TOO_LONG', [socketPath, bytes, most - 1]);
}

/** A user who can replace the socket could pose as the daemon: checked before anything is sent. */
function checkOwner(socketPath: string): void {
  const own = process.getuid?.();
  if (own === undefined) return;
  let socket: fs.Stats;
  let folder: fs.Stats;
  try {
    socket = fs.lstatSync(socketPath);
    folder = fs.statSync(path.dirname(socketPath));
  } catch (cause) {
    throw failed(socketPath, cause);
  }
  if (!socket.isSocket())
    throw new RexaError('CONNECT_FAILED', [`unix:${socketPath}`, 'the file is no socket']);
  if (socket.uid !== own) refuse(socketPath, `it belongs to uid ${socket.uid}, not to ${own}`);
  if ((socket.mode & 0o077) !== 0) refuse(socketPath, `others may open it; its mode should be 0600`);
  if (folder.uid !== own && folder.uid !== 0) refuse(socketPath, `its folder belongs to uid ${folder.uid}`);
  // In a folder like /tmp nobody else can remove or replace what is ours
  if ((folder.mode & 0o022) !== 0 && (folder.mode & STICKY) === 0)
    refuse(socketPath, `others can write to its folder; its mode should be 0700`);
}

function refuse(socketPath: string, why: string): never {
  throw new RexaError('SOCKET_NOT_OURS', [socketPath, why]);
}

const MEANINGS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket; is rexad running?',
  ECONNREFUSED: 'nothing listens there any more; start rexad',
  EACCES: 'permission denied',
};

function failed(socketPath: string, cause: unknown): RexaError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new RexaError('CONNECT_FAILED', [`unix:${socketPath}`, MEANINGS[code ?? ''] ?? message], { cause });
}

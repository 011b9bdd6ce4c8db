import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { makeFolder } from '../../places/make-folder.ts';
import { RexaError } from '../../protocol/errors.ts';
import { listenAt } from '../../runtime/listen-at.ts';
import { describeSocketError } from '../../runtime/socket-error.ts';
import { checkSocketPath, connectUnix } from '../../transports/connect-unix.ts';

/** A control socket that is listened on. */
export interface ControlSocket {
  /** Takes no more connections, and removes the socket. */
  close(): void;
}

/** How long to find out whether somebody listens there. */
const LOOK_MS = 1000;
/** Of a name beside the socket. */
const NAME_BYTES = 8;

/**
 * Listens on a control socket, of mode 0600. One on which nobody listens any more is replaced. It appears once it is listened
 * on, and of several processes one gets it.
 * @param makesFolder whether its folder, with mode 0700, is made
 * @throws RexaError SHARE_LISTEN_FAILED
 */
export async function listenControl(
  socketPath: string,
  makesFolder: boolean,
  accept: (socket: Socket) => void,
): Promise<ControlSocket> {
  try {
    checkSocketPath(socketPath);
    if (makesFolder) makeFolder(path.dirname(socketPath));
    return await listenApart(socketPath, accept);
  } catch (cause) {
    const reason = cause instanceof RexaError ? cause.message : describeSocketError(cause);
    throw new RexaError('SHARE_LISTEN_FAILED', [socketPath, reason], { cause });
  }
}

async function listenApart(socketPath: string, accept: (socket: Socket) => void): Promise<ControlSocket> {
  const ownPath = nameBeside(socketPath);
  const listening = await listenAt({ path: ownPath }, accept);
  try {
    const own = fs.lstatSync(ownPath);
    await removeDead(socketPath);
    fs.linkSync(ownPath, socketPath);
    // While it is listened on: nobody takes it for one that is dead
    const remove = (): void => removeFile(socketPath, own);
    process.once('exit', remove);
    return {
      close() {
        process.off('exit', remove);
        remove();
        listening.close();
      },
    };
  } catch (cause) {
    listening.close();
    throw (cause as NodeJS.ErrnoException).code === 'EEXIST' ? alreadyShared() : cause;
  } finally {
    fs.rmSync(ownPath, { force: true });
  }
}

/** @throws Error where somebody listens; RexaError as `connectUnix` */
async function removeDead(socketPath: string): Promise<void> {
  const found = fs.lstatSync(socketPath, { throwIfNoEntry: false });
  if (found === undefined) return;
  try {
    const socket = await connectUnix(socketPath, LOOK_MS);
    socket.destroy();
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED') return removeFile(socketPath, found);
    if (code === 'ENOENT') return;
    throw error;
  }
  throw alreadyShared();
}

/** Removes the file that was found. Another process may have put its own socket there: that one is put back. */
function removeFile(filePath: string, found: fs.Stats): void {
  const aside = nameBeside(filePath);
  const isFound = ({ ino, dev }: fs.Stats): boolean => ino === found.ino && dev === found.dev;
  try {
    if (!isFound(fs.lstatSync(filePath))) return;
    fs.renameSync(filePath, aside);
    if (!isFound(fs.lstatSync(aside))) fs.linkSync(aside, filePath);
    fs.rmSync(aside);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A third one has it by now
    if (code === 'EEXIST') fs.rmSync(aside, { force: true });
    else if (code !== 'ENOENT') throw error;
  }
}

/** No longer than its own name: paths of sockets are short. */
function nameBeside(filePath: string): string {
  const most = Math.max(1, path.basename(filePath).length - 1);
  return path.join(path.dirname(filePath), `.${randomBytes(NAME_BYTES).toString('hex').slice(0, most)}`);
}

function alreadyShared(): Error {
  return new Error('another process shares a connection there');
}

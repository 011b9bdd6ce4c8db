import fs from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { makeFolder } from '../../places/make-folder.ts';
import { RexaError } from '../../protocol/errors.ts';
import { listenAt } from '../../runtime/listen-at.ts';
import { describeSocketError } from '../../runtime/socket-error.ts';
import { connectUnix } from '../../transports/connect-unix.ts';

/** A control socket that is listened on. */
export interface ControlSocket {
  /** Takes no more connections, and removes the socket. */
  close(): void;
}

/** How long to find out whether somebody listens there. */
const LOOK_MS = 1000;

/**
 * Listens on a control socket, of mode 0600. One on which nobody listens any more is replaced.
 * @param makesFolder whether its folder, with mode 0700, is made
 * @throws RexaError SHARE_LISTEN_FAILED
 */
export async function listenControl(
  socketPath: string,
  makesFolder: boolean,
  accept: (socket: Socket) => void,
): Promise<ControlSocket> {
  try {
    if (makesFolder) makeFolder(path.dirname(socketPath));
    await removeDead(socketPath);
    const listening = await listenAt({ path: socketPath }, accept);
    const inode = fs.statSync(socketPath).ino;
    const remove = (): void => removeOwn(socketPath, inode);
    process.once('exit', remove);
    return {
      close() {
        listening.close();
        remove();
      },
    };
  } catch (cause) {
    if (cause instanceof RexaError) throw cause;
    throw new RexaError('SHARE_LISTEN_FAILED', [socketPath, describeSocketError(cause)], { cause });
  }
}

async function removeDead(socketPath: string): Promise<void> {
  try {
    const socket = await connectUnix(socketPath, LOOK_MS);
    socket.destroy();
    throw new RexaError('SHARE_LISTEN_FAILED', [socketPath, 'another process shares a connection there']);
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED') fs.rmSync(socketPath, { force: true });
    else if (code !== 'ENOENT') throw error;
  }
}

/** Another process may have its own socket there by now. */
function removeOwn(socketPath: string, inode: number): void {
  if (fs.lstatSync(socketPath, { throwIfNoEntry: false })?.ino === inode)
    fs.rmSync(socketPath, { force: true });
}

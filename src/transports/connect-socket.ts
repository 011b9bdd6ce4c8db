import net from 'node:net';
import { readIntoSlabs } from './slab-reads.ts';

/**
 * Connects like `net.connect`, and reads in larger pieces.
 * @returns a paused socket: nothing is read before the link resumes it
 */
export function connectSocket(options: net.IpcNetConnectOpts | net.TcpNetConnectOpts): net.Socket {
  const socket: net.Socket = net.connect({
    ...options,
    onread: readIntoSlabs((bytes) => socket.emit('data', bytes)),
  });
  return socket.pause();
}

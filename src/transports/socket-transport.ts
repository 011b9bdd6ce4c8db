import type { Socket } from 'node:net';
import type { Transport, TransportHandler } from '../link/transport.ts';

/** What a transport over a socket does not learn from the socket. */
export type SocketFacts = Pick<Transport, 'liveness' | 'renewAfterBytes' | 'exportSecret'>;

/**
 * A transport over a Node socket, which belongs to it from here on. The socket should allow half-open connections, so that
 * last words have a way out. Chunks of one `write` leave in as few system calls as can be.
 */
export function createSocketTransport(socket: Socket, facts: SocketFacts): Transport {
  // A transport that is never started has errors, too
  socket.on('error', () => {});

  return {
    ...facts,
    start(handler) {
      listen(socket, handler);
    },
    write(chunks, handleReleased) {
      socket.cork();
      const last = chunks.length - 1;
      for (const [index, chunk] of chunks.entries())
        socket.write(chunk, index === last ? handleReleased : undefined);
      socket.uncork();
    },
    get backlogBytes() {
      return socket.writableLength;
    },
    setRef: (isRef) => void (isRef ? socket.ref() : socket.unref()),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    get isPaused() {
      return socket.isPaused();
    },
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    get isOpen() {
      return !socket.destroyed;
    },
    halfClose: true,
    get bytesRead() {
      return socket.bytesRead;
    },
    get bytesWritten() {
      return socket.bytesWritten;
    },
  };
}

function listen(socket: Socket, handler: TransportHandler): void {
  const handleClose = (): void => handler.handleClose(null);
  socket.on('data', handler.handleBytes);
  socket.on('drain', handler.handleDrain);
  socket.on('end', handler.handleEnd);
  socket.on('finish', handler.handleFinish);
  socket.on('close', handleClose);
  if (socket.closed) queueMicrotask(handleClose);
  else socket.resume();
}

import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { keepChunk } from '../../runtime/chunk-memory.ts';
import { BULK_STREAM_BYTES, MAX_GROWN_PIPES, PIPE_CAPACITY_BYTES, PIPE_READ_BYTES } from '../limits.ts';
import type { SystemCalls } from '../system/system-calls.ts';

/**
 * Where every pipe is read into. One for all: a read and the copy out of it are one synchronous step, so an idle
 * stream holds no buffer.
 */
let scratch: Buffer | undefined;
let grownPipes = 0;

/**
 * Reads a pipe. Bytes come as they are, in chunks of at most PIPE_READ_BYTES; while the consumer doesn't take them
 * nothing is read, and the writer waits. The stream ends when nobody holds the other end any more, and closes the
 * descriptor then, or when it is destroyed.
 * @param readEnd belongs to the stream from here on
 */
export function openPipeReader(system: SystemCalls, readEnd: number): Readable {
  scratch ??= Buffer.allocUnsafeSlow(PIPE_READ_BYTES);
  let received = 0;
  const socket: Socket = new Socket({
    fd: readEnd,
    readable: true,
    writable: false,
    onread: {
      buffer: scratch,
      callback(length, bytes) {
        const before = received;
        received += length;
        if (before < BULK_STREAM_BYTES && received >= BULK_STREAM_BYTES) growPipe(system, readEnd, socket);
        return socket.push(keepChunk(bytes.subarray(0, length)));
      },
    },
  });
  return socket;
}

/**
 * A larger pipe means fewer switches between the command and us: several times the throughput. All pipes of a user
 * have one budget in the kernel (pipe(7), pipe-user-pages-soft), and what is over it makes every new pipe of this
 * user small: so only some are grown at a time.
 */
function growPipe(system: SystemCalls, fd: number, socket: Socket): void {
  if (grownPipes >= MAX_GROWN_PIPES) return;
  grownPipes += 1;
  socket.once('close', () => {
    grownPipes -= 1;
  });
  system.growPipe(fd, PIPE_CAPACITY_BYTES);
}

/**
 * Writes to a pipe; `end()` is end of file for the command. When nobody reads any more, a write fails with EPIPE:
 * that is told to the write's callback and as `error`, which may go unheard here.
 * @param writeEnd belongs to the stream from here on
 */
export function openPipeWriter(system: SystemCalls, writeEnd: number): Writable {
  const socket = new Socket({ fd: writeEnd, readable: false, writable: true });
  socket.on('error', () => undefined);
  socket.on('drain', function growOnce() {
    if (socket.bytesWritten < BULK_STREAM_BYTES) return;
    socket.off('drain', growOnce);
    if (!socket.destroyed) growPipe(system, writeEnd, socket);
  });
  return socket;
}

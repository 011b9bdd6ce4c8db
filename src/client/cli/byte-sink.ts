import { fstatSync, write } from 'node:fs';
import type { Writable } from 'node:stream';

/** Where output goes. One write at a time: the next one waits for the one before, which is the backpressure. */
export interface ByteSink {
  /** Resolves when the system has taken every byte. @throws Error of the system: EPIPE, ENOSPC … */
  write(bytes: Uint8Array): Promise<void>;
}

/**
 * Our own stdout (1) or stderr (2). Pipes and sockets go through Node's streams; files, devices and terminals are
 * written directly. Node's stream for files loses what a short write has left over, and that for a terminal stops the
 * whole process while the terminal is (Ctrl-S): the host would take us for dead.
 */
export function openStandardSink(fd: 1 | 2): ByteSink {
  const stats = fstatSync(fd);
  if (stats.isFile() || stats.isCharacterDevice()) return createFileSink(fd);
  return createStreamSink(fd === 1 ? process.stdout : process.stderr);
}

/** Writes at the place where the descriptor stands, which those who share it see. */
export function createFileSink(fd: number): ByteSink {
  return {
    async write(bytes) {
      let written = 0;
      while (written < bytes.length) written += await writeOnce(fd, bytes, written);
    },
  };
}

/** A terminal that somebody has set to take what it can at once is asked again a moment later. */
const RETRY_MS = 10;

function writeOnce(fd: number, bytes: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, offset, bytes.length - offset, null, (error, count) => {
      if (error?.code === 'EAGAIN') setTimeout(resolve, RETRY_MS, 0);
      else if (error) reject(error);
      else resolve(count);
    });
  });
}

/** Writes into a stream of Node. */
export function createStreamSink(stream: Writable): ByteSink {
  let failure: Error | null = null;
  stream.on('error', (error) => {
    failure ??= error;
  });
  return {
    write(bytes) {
      if (failure) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        stream.write(bytes, (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
    },
  };
}

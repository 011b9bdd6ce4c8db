import { fstatSync, write } from 'node:fs';
import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';

/** Where output goes. One write at a time: the next one waits for the one before, which is the backpressure. */
export interface ByteSink {
  /** Resolves when the system has taken every byte. @throws Error of the system: EPIPE, ENOSPC … */
  write(bytes: Uint8Array): Promise<void>;
}

/**
 * Our own stdout (1) or stderr (2). Pipes, sockets and terminals go through Node's streams; files and devices are
 * written directly, since Node's stream for them loses what a short write has left over.
 */
export function openStandardSink(fd: 1 | 2): ByteSink {
  const stats = fstatSync(fd);
  if (stats.isFile() || (stats.isCharacterDevice() && !isatty(fd))) return createFileSink(fd);
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

function writeOnce(fd: number, bytes: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, offset, bytes.length - offset, null, (error, count) => {
      if (error) reject(error);
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

import { write } from 'node:fs';
import type { Writable } from 'node:stream';

/** Where output goes. One write at a time: the next one waits for the one before, which is the backpressure. */
export interface ByteSink {
  /** Resolves when the system has taken every byte. @throws Error of the system: EPIPE, ENOSPC … */
  write(bytes: Uint8Array): Promise<void>;
}

/** Writes at the place where the descriptor stands, which those who share it see. */
export function createFileSink(fd: number): ByteSink {
  return createOrderedSink(async (bytes) => {
    let written = 0;
    while (written < bytes.length) written += await writeOnce(fd, bytes, written);
  });
}

/** @param writeAll is not called again before it has resolved: what several write at a time is not mixed up */
export function createOrderedSink(writeAll: ByteSink['write']): ByteSink {
  let last: Promise<unknown> = Promise.resolve();
  return {
    write(bytes) {
      const next = last.then(() => writeAll(bytes));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

/** Joins what is written while a write is running: many short lines take few system calls. */
export function createJoiningSink(sink: ByteSink): ByteSink {
  let waiting: Uint8Array[] = [];
  let next: Promise<void> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  async function writeWaiting(): Promise<void> {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    next = null;
    await sink.write(bytes);
  }
  return {
    write(bytes) {
      waiting.push(bytes);
      if (next === null) {
        next = last.then(writeWaiting);
        last = next.catch(() => undefined);
      }
      return next;
    },
  };
}

/** Interval of retries on a terminal that another process has set to O_NONBLOCK. */
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

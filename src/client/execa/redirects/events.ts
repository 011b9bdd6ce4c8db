import type { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';

/*
 * `on` and `once` of `node:events` for execa's own signals, which are aborted at the end of every command. Node's make an error
 * with its stack for each abort, and execa looks at none of them.
 */

interface Until {
  readonly signal: Pick<AbortSignal, 'addEventListener'>;
  readonly highWaterMark?: number;
}

/** Resolves with the arguments of an event; never, where the signal is aborted before. */
export function once(emitter: EventEmitter, event: string, { signal }: Until): Promise<unknown[]> {
  return new Promise((resolve) => {
    const handle = (...args: unknown[]): void => resolve(args);
    emitter.once(event, handle);
    signal.addEventListener('abort', () => emitter.off(event, handle));
  });
}

/**
 * Iterates over the arguments of an event of a stream up to the abort of the signal, or the stream's error. The stream is paused
 * where more than `highWaterMark` of them wait.
 */
export function on(
  stream: Readable,
  event: string,
  { signal, highWaterMark = 0 }: Until,
): AsyncIterator<unknown[]> & AsyncIterable<unknown[]> {
  const waiting: unknown[][] = [];
  let asked: PromiseWithResolvers<IteratorResult<unknown[]>> | null = null;
  let failure: Error | null = null;
  let isOver = false;
  let isPaused = false;

  function handle(...args: unknown[]): void {
    if (asked !== null) {
      asked.resolve({ done: false, value: args });
      asked = null;
    } else if (waiting.push(args) > highWaterMark) {
      isPaused = true;
      stream.pause();
    }
  }

  function fail(error: Error): void {
    if (asked === null) failure = error;
    asked?.reject(error);
    asked = null;
    end();
  }

  function end(): void {
    isOver = true;
    stream.off(event, handle).off('error', fail);
    asked?.resolve({ done: true, value: undefined });
    asked = null;
  }

  const iterator = {
    next(): Promise<IteratorResult<unknown[]>> {
      const value = waiting.shift();
      if (value !== undefined) {
        if (isPaused && waiting.length === 0) {
          isPaused = false;
          stream.resume();
        }
        return Promise.resolve({ done: false, value });
      }
      if (failure !== null) {
        const error = failure;
        failure = null;
        return Promise.reject(error);
      }
      if (isOver) return Promise.resolve({ done: true, value: undefined });
      asked = Promise.withResolvers();
      return asked.promise;
    },
    return(): Promise<IteratorResult<unknown[]>> {
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  stream.on(event, handle).on('error', fail);
  signal.addEventListener('abort', end);
  return iterator;
}

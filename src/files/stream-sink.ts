import type { Writable } from 'node:stream';
import type { Sink } from './receive/resolve-target.ts';

/** Writes the data of a file into a stream, which is not ended. */
export function createStreamSink(stream: Writable): Sink {
  let isClosed = false;
  let stopWaiting = (): void => undefined;
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (isClosed) return resolve();
        stopWaiting = resolve;
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    close() {
      isClosed = true;
      stopWaiting();
    },
  };
}

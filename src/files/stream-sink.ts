import type { Writable } from 'node:stream';
import type { Sink } from './receive/resolve-target.ts';

/** Writes the data of a file into a stream, which is not ended. */
export function createStreamSink(stream: Writable): Sink {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => undefined,
  };
}

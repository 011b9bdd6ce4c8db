import { Writable } from 'node:stream';
import type { ByteSink } from '../output/byte-sink.ts';

/** Returns a sink as a stream. */
export function createSinkStream(sink: ByteSink): Writable {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      sink.write(chunk).then(() => done(), done);
    },
  });
  // Who writes is told
  return stream.on('error', () => undefined);
}

import { Writable } from 'node:stream';
import type { ByteSink } from '../output/byte-sink.ts';

/** Returns a sink as a stream. */
export function createSinkStream(sink: ByteSink): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      sink.write(chunk).then(() => done(), done);
    },
  });
}

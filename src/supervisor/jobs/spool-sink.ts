import { Writable } from 'node:stream';
import { recycleBytes } from '../../runtime/chunk-memory.ts';
import { JOB_WRITE_BACKLOG_BYTES } from '../limits.ts';
import type { OutputNumber } from '../spool/segment.ts';
import type { SpoolWriter } from '../spool/spool-writer.ts';

/** One output of a command on its way into the spool: the command waits while more than a backlog waits for the disk. */
export function createSpoolSink(spool: SpoolWriter, stream: OutputNumber): Writable {
  async function keep(bytes: Uint8Array): Promise<void> {
    await spool.write(stream, bytes);
    recycleBytes(bytes);
  }
  return new Writable({
    highWaterMark: JOB_WRITE_BACKLOG_BYTES,
    decodeStrings: false,
    write: (chunk: Uint8Array, _encoding, done) => void keep(chunk).then(() => done()),
    writev(chunks, done) {
      const all = chunks.map(({ chunk }: { chunk: Uint8Array }) => keep(chunk));
      void Promise.all(all).then(() => done());
    },
  });
}

import { PassThrough, type Readable } from 'node:stream';

/**
 * A job's stdin, independent of its current writer. It is at its end when one of them says so, and waits for the next when
 * one is only gone.
 */
export interface JobInput {
  /** What the command's stdin is fed from. */
  readonly source: Readable;
  /**
   * Writes a client's stream.
   * @param from `start`: it is the same stream from its first byte, of which what was taken before is passed over; `now`:
   * it goes on behind that
   */
  feed(stream: Readable, from: 'start' | 'now'): void;
}

export function createJobInput(): JobInput {
  const source = new PassThrough();
  let takenBytes = 0;

  async function copy(stream: Readable, from: 'start' | 'now'): Promise<void> {
    let position = from === 'start' ? 0 : Number.POSITIVE_INFINITY;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      const known = Math.max(0, Math.min(chunk.length, takenBytes - position));
      position += chunk.length;
      if (source.writableEnded || known === chunk.length) continue;
      takenBytes += chunk.length - known;
      if (!source.write(chunk.subarray(known))) await untilDrained(source);
    }
    source.end();
  }

  return {
    source,
    feed(stream, from) {
      // Broken off: that is not the end of the data, which another client may bring
      copy(stream, from).catch(() => {});
    },
  };
}

function untilDrained(stream: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    stream.once('drain', resolve);
    stream.once('close', resolve);
  });
}

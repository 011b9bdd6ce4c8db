import type { Writable } from 'node:stream';

/** Writes a chunk. Resolves once the stream takes more, at once where it does or is over. */
export type PacedWrite = (chunk: string) => Promise<void>;

/** Writes into a stream no faster than it takes it, as long as the result is waited for. */
export function createPacedWriter(stream: Writable): PacedWrite {
  let drained: PromiseWithResolvers<void> | null = null;
  function release(): void {
    drained?.resolve();
    drained = null;
  }
  stream.on('drain', release).on('close', release);
  return (chunk) => {
    if (stream.destroyed || stream.write(chunk)) return Promise.resolve();
    drained ??= Promise.withResolvers();
    return drained.promise;
  };
}

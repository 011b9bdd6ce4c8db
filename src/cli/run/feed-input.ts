import type { Readable, Writable } from 'node:stream';

/**
 * Streams our stdin into a run, as fast as that takes it. Nothing waits for its end: the run ends with the command.
 * A source that cannot be read (a folder, a terminal that is gone) is at its end there.
 * @param handleFailure called with the error of such a source
 * @param handleBytes called before bytes are written
 */
export function feedInput(
  from: Readable,
  into: Writable,
  handleFailure: (error: Error) => void,
  handleBytes: (bytes: number) => void = () => {},
): void {
  const pass = (chunk: Uint8Array): void => {
    handleBytes(chunk.length);
    if (!into.write(chunk)) from.pause();
  };
  const end = (): void => void into.end();
  const fail = (error: Error): void => {
    handleFailure(error);
    into.end();
  };
  // The command takes no more: the rest stays for other readers of our stdin
  const stop = (): void => {
    from.pause();
    from.off('data', pass).off('end', end);
  };
  if (from.readableEnded) return end();
  from.on('data', pass).on('end', end).on('error', fail);
  into.on('drain', () => from.resume());
  into.on('error', stop);
  into.on('close', stop);
  from.resume();
}

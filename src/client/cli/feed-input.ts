import type { Readable, Writable } from 'node:stream';

/**
 * Streams our stdin into a run, as fast as that takes it. Nothing waits for its end: the run ends with the command.
 * A source that cannot be read (a folder, a terminal that is gone) is at its end there.
 * @param handleFailure called with the error of such a source
 */
export function feedInput(from: Readable, into: Writable, handleFailure: (error: Error) => void): void {
  from.on('data', (chunk: Uint8Array) => {
    if (!into.write(chunk)) from.pause();
  });
  from.on('end', () => into.end());
  from.on('error', (error) => {
    handleFailure(error);
    into.end();
  });
  into.on('drain', () => from.resume());
  // Nobody takes it any more: the rest is left to whoever shares our stdin
  into.on('error', () => from.pause());
  into.on('close', () => from.pause());
}

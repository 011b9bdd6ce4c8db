import type { Readable, Writable } from 'node:stream';

/** How many commands write to each stream: their errors are handled while there is one, and only then. */
const users = new WeakMap<Writable, number>();

const ignore = (): void => undefined;

/**
 * Copies what a command writes into a stream that others write to as well, and leaves that open. Unlike `pipe` it needs no
 * listeners for each of them. Where the stream takes no more, the command's pipe is closed.
 */
export function copyOutput(from: Readable, into: Writable): void {
  const before = users.get(into) ?? 0;
  users.set(into, before + 1);
  if (!into.listeners('error').includes(ignore)) into.on('error', ignore);

  from.on('data', (chunk: Uint8Array) => {
    from.pause();
    into.write(chunk, (error) => {
      if (error) from.destroy();
      else from.resume();
    });
  });
  from.once('close', () => {
    const left = (users.get(into) ?? 1) - 1;
    users.set(into, left);
    // An error of the last write is told in a later turn
    setImmediate(() => {
      if (users.get(into) === 0) into.off('error', ignore);
    });
  });
}

import type { Readable } from 'node:stream';
import { MAX_HELD_PIPES_PER_PRINCIPAL } from '../limits.ts';

/**
 * The pipes that background processes hold after the end of their commands. They are read, and what comes is thrown away, so
 * that these processes go on: a pipe without a reader would end them by SIGPIPE.
 */
export interface HeldPipes {
  /** Keeps a pipe until it is closed. An owner that has too many loses the oldest. */
  keep(owner: string, pipe: Readable): void;
}

/** Creates the held pipes of all principals of a process. */
export function createHeldPipes(): HeldPipes {
  const pipesOf = new Map<string, Set<Readable>>();
  return {
    keep(owner, pipe) {
      if (pipe.closed) return;
      const pipes = pipesOf.get(owner) ?? new Set();
      pipesOf.set(owner, pipes.add(pipe));
      pipe.once('close', () => {
        pipes.delete(pipe);
        if (pipes.size === 0 && pipesOf.get(owner) === pipes) pipesOf.delete(owner);
      });
      const [oldest] = pipes;
      if (oldest === undefined || pipes.size <= MAX_HELD_PIPES_PER_PRINCIPAL) return;
      pipes.delete(oldest);
      oldest.destroy();
    },
  };
}

import type { ByteSink } from '../output/byte-sink.ts';

/** One stream of a run on its way to our own. */
export interface OutputCopy {
  /** Resolves when the stream is at its end and every byte has left, or was thrown away. Never rejects. */
  readonly done: Promise<void>;
  /** Waits no longer for a reader that takes nothing: what is left is thrown away. */
  giveUp(): void;
  /** The same, if the reader has taken nothing since the last time that this was asked. */
  giveUpIfStalled(): void;
  /** Whether that has happened, and bytes may have been thrown away. */
  readonly isGivenUp: boolean;
}

/**
 * Copies a stream into a sink, a chunk at a time. Once a write has failed the rest is read and thrown away, so that
 * the run can come to its end.
 * @param handleFailure called once, with the first error of the sink
 */
export function copyOutput(
  from: AsyncIterable<Uint8Array>,
  into: ByteSink,
  handleFailure: (error: Error) => void,
): OutputCopy {
  let state: 'reading' | 'writing' | 'discarding' = 'reading';
  let stopWaiting = (): void => {};
  let takenChunks = 0;
  let lastAsked = -1;
  let isGivenUp = false;

  async function copy(): Promise<void> {
    try {
      for await (const chunk of from) {
        if (state !== 'discarding') await writeChunk(chunk);
      }
    } catch {
      // The stream was cut off: the run's outcome says so
    }
  }

  function writeChunk(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      state = 'writing';
      stopWaiting = resolve;
      into.write(chunk).then(handleTaken, handleError).then(resolve, resolve);
    });
  }

  function handleTaken(): void {
    takenChunks++;
    if (state === 'writing') state = 'reading';
  }

  function handleError(error: Error): void {
    if (state === 'writing') handleFailure(error);
    state = 'discarding';
  }

  function giveUp(): void {
    isGivenUp = true;
    state = 'discarding';
    stopWaiting();
  }

  return {
    done: copy(),
    giveUp,
    get isGivenUp() {
      return isGivenUp;
    },
    giveUpIfStalled() {
      if (state === 'writing' && takenChunks === lastAsked) giveUp();
      lastAsked = takenChunks;
    },
  };
}

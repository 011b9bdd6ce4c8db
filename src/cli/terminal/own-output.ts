/** What we write ourselves on a terminal that a program of the host writes on. */
export interface OwnOutput {
  /** Writes where that is no part of what the host writes: now, or as soon as its sequence, string or character has ended. */
  write(text: string): void;
  /** The host has written. */
  handleWritten(): void;
  /** Writes what waits, wherever the host's output stands: that goes on no more. */
  flush(): void;
}

/**
 * @param modes of the host's output so far
 * @param write comes behind all that was taken of it
 */
export function createOwnOutput(
  modes: { readonly isSettled: boolean },
  write: (text: string) => void,
): OwnOutput {
  let waiting = '';

  function flush(): void {
    if (waiting !== '') write(waiting);
    waiting = '';
  }

  return {
    write(text) {
      waiting += text;
      if (modes.isSettled) flush();
    },
    handleWritten() {
      if (modes.isSettled) flush();
    },
    flush,
  };
}

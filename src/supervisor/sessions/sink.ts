import { Writable } from 'node:stream';
import { SCREEN_BACKLOG_BYTES } from '../limits.ts';
import type { Screen } from './screen.ts';

/** Where the output of a session's program goes. */
export interface SessionSink {
  readonly stream: Writable;
  /** The screen has painted more: the program may go on. */
  handlePainted(): void;
}

/**
 * Creates the way of a program's output to its screen and to its clients. The program waits for the screen alone.
 * @param handleOutput called with each piece, which nobody writes to afterwards
 */
export function createSessionSink(screen: Screen, handleOutput: (bytes: Uint8Array) => void): SessionSink {
  let waiting: (() => void) | null = null;

  function goOn(): void {
    if (screen.waitingBytes > SCREEN_BACKLOG_BYTES) return;
    const done = waiting;
    waiting = null;
    done?.();
  }

  return {
    stream: new Writable({
      decodeStrings: false,
      write(chunk: Uint8Array, _encoding, done) {
        screen.write(chunk);
        handleOutput(chunk);
        waiting = done;
        goOn();
      },
    }),
    handlePainted: goOn,
  };
}

import type { Writable } from 'node:stream';
import { TALK_WRITE_BYTES } from '../limits.ts';

/** What goes to one member, in order. It takes all that it is given: whoever gives it looks at what waits. */
export interface Outlet {
  /** What waits here and in the stream, without the greeting. */
  readonly waitingBytes: number;
  /** Sends what a member gets before all else: it has asked for that, however much it is. */
  greet(line: Buffer): void;
  /** @param line is not changed afterwards: it may be on its way to others as well */
  send(line: Buffer): void;
  /** Throws away what waits here: the stream is about to end. */
  drop(): void;
  /** Resolves when the stream has taken everything, or is over. */
  flush(): Promise<void>;
}

/**
 * Writes the lines of one turn of the event loop at once, and while the stream is busy those of the next write: a member that
 * is behind gets larger writes, and not more of them.
 * @param handleProgress called when less waits than before
 */
export function createOutlet(stream: Writable, handleProgress: () => void): Outlet {
  let lines: Buffer[] = [];
  let waitingBytes = 0;
  /** How much of that is greeting; it comes first. */
  let greetingBytes = 0;
  let state: 'idle' | 'due' | 'writing' | 'over' = 'idle';
  let flushed: (() => void)[] = [];

  function take(): Buffer {
    let bytes = 0;
    let count = 0;
    for (const { length } of lines) {
      if (count > 0 && bytes + length > TALK_WRITE_BYTES) break;
      bytes += length;
      count++;
    }
    const taken = lines.splice(0, count);
    return taken.length === 1 && taken[0] !== undefined ? taken[0] : Buffer.concat(taken, bytes);
  }

  function write(): void {
    if (state === 'over') return;
    if (lines.length === 0) {
      state = 'idle';
      for (const resolve of flushed) resolve();
      flushed = [];
      return;
    }
    state = 'writing';
    const chunk = take();
    stream.write(chunk, (error) => {
      if (state === 'over') return;
      if (error) return end();
      waitingBytes -= chunk.length;
      greetingBytes = Math.max(0, greetingBytes - chunk.length);
      handleProgress();
      write();
    });
  }

  function end(): void {
    state = 'over';
    lines = [];
    waitingBytes = 0;
    greetingBytes = 0;
    for (const resolve of flushed) resolve();
    flushed = [];
    handleProgress();
  }

  function send(line: Buffer): void {
    if (state === 'over') return;
    lines.push(line);
    waitingBytes += line.length;
    if (state !== 'idle') return;
    state = 'due';
    setImmediate(write);
  }

  stream.once('close', end);

  return {
    get waitingBytes() {
      return waitingBytes - greetingBytes;
    },
    greet(line) {
      greetingBytes += line.length;
      send(line);
    },
    send,
    drop: end,
    flush: () =>
      state === 'idle' || state === 'over'
        ? Promise.resolve()
        : new Promise((resolve) => flushed.push(resolve)),
  };
}

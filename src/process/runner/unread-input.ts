import { closeSync, constants, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { SystemCalls } from '../system/system-calls.ts';

/** What becomes of a command's stdin that it does not read. */
export interface UnreadInput {
  /** Once, when the command has exited. @returns bytes of its pipe that nobody has read; null where that can't be asked */
  settle(): number | null;
}

/**
 * @param input writes to the pipe, and is closed by the end of stdin: from then on another descriptor of the pipe is held,
 * its reading end, since nothing can be written any more that would wait for a reader
 */
export function watchUnreadInput(system: SystemCalls, writeEnd: number, input: Writable): UnreadInput {
  let readEnd: number | null = null;
  let state: 'open' | 'settled' = 'open';
  input.once('finish', () => {
    if (state === 'open') readEnd = reopenForReading(writeEnd);
  });
  return {
    settle() {
      if (state === 'settled') return null;
      state = 'settled';
      if (readEnd === null)
        return input.destroyed || input.writableFinished ? null : system.unreadBytes(writeEnd);
      const bytes = system.unreadBytes(readEnd);
      closeSync(readEnd);
      return bytes;
    },
  };
}

function reopenForReading(descriptor: number): number | null {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
}

import { Writable } from 'node:stream';
import { MAX_TERMINAL_KEPT_BYTES } from '../limits.ts';

/**
 * The output of a program, kept until its client has it. All offsets are absolute: bytes since the program began.
 *
 *   0 ── had ── written
 *        └ kept ┘
 *
 * While more is kept than a client may be behind, the program waits.
 */
export interface KeptOutput {
  /** Where the program writes. What is written is not changed afterwards. */
  readonly stream: Writable;
  /** Sends what a client has not had, and then what comes. @returns false: some of that is not kept any more */
  join(client: Writable, hadBytes: number): boolean;
  /** The client is gone. */
  leave(): void;
  /** The client has the output up to here. */
  release(hadBytes: number): void;
}

/** Creates the output of a program that has written nothing. */
export function createKeptOutput(): KeptOutput {
  let kept: Uint8Array[] = [];
  let had = 0;
  let written = 0;
  let client: Writable | null = null;
  let goOn: (() => void) | null = null;

  function letProgramGoOn(): void {
    if (goOn === null || written - had >= MAX_TERMINAL_KEPT_BYTES) return;
    const done = goOn;
    goOn = null;
    done();
  }

  function release(upTo: number): void {
    let bytes = Math.min(upTo, written) - had;
    if (bytes <= 0) return;
    had += bytes;
    let whole = 0;
    for (const chunk of kept) {
      if (chunk.length > bytes) break;
      bytes -= chunk.length;
      whole++;
    }
    kept = kept.slice(whole);
    const [first] = kept;
    if (first !== undefined && bytes > 0) kept[0] = first.subarray(bytes);
    letProgramGoOn();
  }

  return {
    stream: new Writable({
      write(chunk: Uint8Array, _encoding, done) {
        kept.push(chunk);
        written += chunk.length;
        client?.write(chunk);
        goOn = done;
        letProgramGoOn();
      },
    }),
    join(next, hadBytes) {
      if (hadBytes < had || hadBytes > written) return false;
      release(hadBytes);
      client = next;
      for (const chunk of kept) next.write(chunk);
      return true;
    },
    leave() {
      client = null;
    },
    release,
  };
}

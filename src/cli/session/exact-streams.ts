import type { LastingTerminal } from '../../client/run-types.ts';

/**
 * The bytes of a terminal that is taken up again: what was had of its output, and what was typed and has not arrived. Nothing
 * is sent twice, and nothing is left out.
 */
export interface ExactStreams {
  /** Whether the terminal outlives its daemon. */
  readonly isLasting: boolean;
  /** The command has started: what has not been said by now is not so. */
  handleStarted(): void;
  /** Whether so much has not arrived that what is typed has to wait. */
  readonly isFull: boolean;
  /** So much more of the output is ours: it need not come again. */
  handleOutput(bytes: number): void;
  /**
   * Returns how the next run is asked for.
   * @param ready called with what has to be sent first, when one that was lost goes on
   * @param progress called when more of what was typed has arrived
   */
  join(ready: (again: readonly Uint8Array[]) => void, progress: () => void): LastingTerminal;
  /** Keys are being sent. */
  take(typed: Uint8Array): void;
}

/** What was typed and did not arrive, above which nothing more is taken. */
const MAX_TYPED_BYTES = 1024 * 1024;
/** Output after which the host is told that it was had. */
const TELL_BYTES = 64 * 1024;

export function createExactStreams(): ExactStreams {
  let state: 'asked' | 'lasting' | 'plain' = 'asked';
  const typed: Uint8Array[] = [];
  let typedBytes = 0;
  let arrived = 0;
  let had = 0;
  let told = 0;
  let tell: ((output: number) => void) | null = null;

  function handleArrived(upTo: number): void {
    let bytes = upTo - arrived;
    arrived = upTo;
    while (bytes > 0) {
      const [first] = typed;
      if (first === undefined) return;
      const part = Math.min(bytes, first.length);
      if (part === first.length) typed.shift();
      else typed[0] = first.subarray(part);
      typedBytes -= part;
      bytes -= part;
    }
  }

  return {
    get isLasting() {
      return state === 'lasting';
    },
    get isFull() {
      return typedBytes > MAX_TYPED_BYTES;
    },
    handleOutput(bytes) {
      had += bytes;
      if (had - told < TELL_BYTES) return;
      told = had;
      tell?.(had);
    },
    join(ready, progress) {
      const isAgain = state === 'lasting';
      return {
        ...(isAgain ? { output: had } : {}),
        handleLasting(input, tellHost) {
          state = 'lasting';
          tell = tellHost;
          handleArrived(input);
          if (isAgain) ready([...typed]);
        },
        handleConsumed(input) {
          handleArrived(input);
          progress();
        },
      };
    },
    handleStarted() {
      if (state !== 'asked') return;
      state = 'plain';
      typed.length = 0;
      typedBytes = 0;
    },
    take(chunk) {
      if (state === 'plain') return;
      typed.push(chunk);
      typedBytes += chunk.length;
    },
  };
}

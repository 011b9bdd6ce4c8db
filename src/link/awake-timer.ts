/** A timer for a long time of which only that counts in which this process ran. */
export interface AwakeTimer {
  /** What is left of its time. */
  readonly leftMs: number;
  stop(): void;
}

const TICK_MS = 1_000;

/**
 * Counts time in short ticks: a process that was stopped, or whose machine slept, has waited for nobody meanwhile, and finds
 * what is left of the time as it was.
 */
export function startAwakeTimer(run: () => void, forMs: number): AwakeTimer {
  let leftMs = forMs;
  let timer = arm();

  function arm(): NodeJS.Timeout {
    const tickMs = Math.min(leftMs, TICK_MS);
    return setTimeout(() => {
      leftMs -= tickMs;
      if (leftMs <= 0) run();
      else timer = arm();
    }, tickMs);
  }

  return {
    get leftMs() {
      return leftMs;
    },
    stop: () => clearTimeout(timer),
  };
}

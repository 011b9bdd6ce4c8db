/** A timer for a long time of which only that counts in which this process ran. */
export interface AwakeTimer {
  /** What is left of its time. */
  readonly leftMs: number;
  stop(): void;
}

const TICK_MS = 1_000;
/** A tick that comes later than this has seen nothing of its time, and starts over. */
const LATE_MS = 250;

/**
 * Counts time in short ticks: a process that was stopped, or whose machine slept, has waited for nobody meanwhile, and finds
 * what is left of the time as it was. At the end everything that has come in time is handled before `run` is called: timers
 * fire before waiting bytes are read.
 */
export function startAwakeTimer(run: () => void, forMs: number): AwakeTimer {
  let leftMs = forMs;
  let timer = arm();
  let last: NodeJS.Immediate | undefined;

  function arm(): NodeJS.Timeout {
    const tickMs = Math.min(leftMs, TICK_MS);
    const lateAtMs = performance.now() + tickMs + LATE_MS;
    return setTimeout(() => {
      if (performance.now() < lateAtMs) leftMs -= tickMs;
      if (leftMs <= 0) last = setImmediate(run);
      else timer = arm();
    }, tickMs);
  }

  return {
    get leftMs() {
      return leftMs;
    },
    stop() {
      clearTimeout(timer);
      clearImmediate(last);
    },
  };
}

/** Resolves with whether the promise, which never rejects, was settled within a time as startAwakeTimer counts it. */
export function isSettledWithin(promise: Promise<unknown>, forMs: number): Promise<boolean> {
  const { promise: answer, resolve } = Promise.withResolvers<boolean>();
  const timer = startAwakeTimer(() => resolve(false), forMs);
  void promise.then(() => {
    timer.stop();
    resolve(true);
  });
  return answer;
}

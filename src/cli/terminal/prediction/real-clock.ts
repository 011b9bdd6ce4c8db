import type { Clock } from './terminal-predictions.ts';

/** Time as it passes; what waits keeps no process alive. */
export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms).unref();
    return () => clearTimeout(timer);
  },
};

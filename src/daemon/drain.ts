import { setTimeout as sleep } from 'node:timers/promises';
import type { Drain } from './daemon.ts';
import { SHUTDOWN_GRACE_MS, SHUTDOWN_GRACE_SHARE } from './limits.ts';

/** Plans a drain in which commands that still run are told to end before it is over, so that it is when they are gone. */
export function planDrain(drainMs: number, hurried: Promise<void>): Drain {
  const graceMs = Math.min(SHUTDOWN_GRACE_MS, drainMs * SHUTDOWN_GRACE_SHARE);
  return {
    ending: Promise.race([sleep(drainMs - graceMs), hurried]),
    endingInMs: Math.round(drainMs - graceMs),
    killing: Promise.race([sleep(drainMs - graceMs / 2), hurried]),
  };
}

/** Ends what runs now, and kills what is left of it after the grace. @param done aborted once the daemon is closed */
export function endAtOnce(done: AbortSignal): Drain {
  return {
    ending: Promise.resolve(),
    endingInMs: 0,
    killing: sleep(SHUTDOWN_GRACE_MS, undefined, { signal: done }).catch(() => new Promise(() => undefined)),
  };
}

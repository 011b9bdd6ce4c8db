import type { Daemon } from './daemon.ts';

/** How often a daemon that may leave looks whether it is idle. */
const LOOKS_PER_IDLE_TIME = 10;

/**
 * Resolves when the daemon should leave: SIGTERM, SIGINT or SIGHUP, or no connection for `idleMs`.
 * @param idleMs null: never for idleness
 * @returns why, for the log
 */
export function untilLeaving(daemon: Daemon, idleMs: number | null): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
    if (idleMs !== null) watchIdleness(daemon, idleMs, () => resolve('idle'));
  });
}

function watchIdleness(daemon: Daemon, idleMs: number, tell: () => void): void {
  let busyAtMs = performance.now();
  setInterval(() => {
    if (daemon.isBusy) busyAtMs = performance.now();
    else if (performance.now() - busyAtMs >= idleMs) tell();
  }, idleMs / LOOKS_PER_IDLE_TIME);
}

import type { Daemon } from './daemon.ts';

/** How often a daemon that may leave looks whether it is idle. */
const LOOKS_PER_IDLE_TIME = 10;

/** When to leave, and how. */
export interface Leaving {
  /** Resolves when the daemon should leave: SIGTERM, SIGINT or SIGHUP, or no connection for long; why, for the log. */
  readonly due: Promise<string>;
  /** Resolves with the next signal after that: whoever sent it waits for no command. */
  readonly hurried: Promise<void>;
}

/** @param idleMs null: never for idleness */
export function watchForLeaving(daemon: Daemon, idleMs: number | null): Leaving {
  const due = Promise.withResolvers<string>();
  const hurried = Promise.withResolvers<void>();
  let isDue = false;
  function leave(reason: string): void {
    if (isDue && reason !== 'idle') hurried.resolve();
    isDue = true;
    due.resolve(reason);
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => leave(signal));
  // Where Node is started without --disable-sigusr1
  process.on('SIGUSR1', () => undefined);
  if (idleMs !== null) watchIdleness(daemon, idleMs, () => leave('idle'));
  return { due: due.promise, hurried: hurried.promise };
}

function watchIdleness(daemon: Daemon, idleMs: number, tell: () => void): void {
  let busyAtMs = performance.now();
  setInterval(() => {
    if (daemon.isBusy) busyAtMs = performance.now();
    else if (performance.now() - busyAtMs >= idleMs) tell();
  }, idleMs / LOOKS_PER_IDLE_TIME);
}

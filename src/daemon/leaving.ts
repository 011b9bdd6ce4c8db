import { watchTerminal } from '../process/controlling-terminal.ts';

/** How often a daemon that may leave looks whether it is idle. */
const LOOKS_PER_IDLE_TIME = 10;

/** When to leave, and how. */
export interface Leaving {
  /** Resolves when the daemon should leave: SIGTERM, SIGINT, a terminal that hung up, or no connection for long; why, for the log. */
  readonly due: Promise<string>;
  /** Resolves with the next signal after that: its sender waits for no command. */
  readonly hurried: Promise<void>;
}

/** What the signals of this process are about. */
export interface LeavingOptions {
  /** Tells whether a client is connected, or a command runs. */
  readonly isBusy: () => boolean;
  /** Null: never for idleness. */
  readonly idleMs: number | null;
  /** Called for a SIGHUP that does not come from our terminal. */
  readonly reload: () => void;
}

/** Handles the signals of this process, from now on. */
export function watchForLeaving({ isBusy, idleMs, reload }: LeavingOptions): Leaving {
  const isHungUp = watchTerminal();
  const due = Promise.withResolvers<string>();
  const hurried = Promise.withResolvers<void>();
  let isDue = false;
  function leave(reason: string): void {
    if (isDue && reason !== 'idle') hurried.resolve();
    isDue = true;
    due.resolve(reason);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => leave(signal));
  process.on('SIGHUP', () => (isHungUp() ? leave('its terminal hung up') : reload()));
  if (idleMs !== null) watchIdleness(isBusy, idleMs, () => leave('idle'));
  return { due: due.promise, hurried: hurried.promise };
}

function watchIdleness(isBusy: () => boolean, idleMs: number, tell: () => void): void {
  let busyAtMs = performance.now();
  setInterval(() => {
    if (isBusy()) busyAtMs = performance.now();
    else if (performance.now() - busyAtMs >= idleMs) tell();
  }, idleMs / LOOKS_PER_IDLE_TIME);
}

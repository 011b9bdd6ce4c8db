import type { EventEmitter } from 'node:events';
import type { CancelCause } from './exit-status.ts';

/** Signals that a user or a system ends us with. SIGPIPE is left alone. */
const WATCHED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type WatchedSignal = (typeof WATCHED)[number];

/** What a signal asks for. */
export type Interrupt =
  | { readonly kind: 'forward'; readonly signal: 'SIGINT' }
  | { readonly kind: 'cancel'; readonly cause: CancelCause & WatchedSignal }
  | { readonly kind: 'abandon' };

/** Takes what is to be done when we are interrupted, from now on. */
export type OnInterrupt = (handle: (asked: Interrupt) => void) => void;

type State = 'calm' | 'forwarded' | 'canceled';

/**
 * What the next signal does: the first Ctrl-C is for the command, the second ends its tree, the third leaves. SIGTERM
 * and SIGHUP end the tree at once; when that was asked for already, they leave.
 */
const NEXT: Readonly<Record<State, Readonly<Record<WatchedSignal, Interrupt['kind']>>>> = {
  calm: { SIGINT: 'forward', SIGTERM: 'cancel', SIGHUP: 'cancel' },
  forwarded: { SIGINT: 'cancel', SIGTERM: 'cancel', SIGHUP: 'cancel' },
  canceled: { SIGINT: 'abandon', SIGTERM: 'abandon', SIGHUP: 'abandon' },
};

/** Where signals come from: the process itself. */
export type SignalSource = Pick<EventEmitter, 'on' | 'off'>;

/**
 * Watches for signals as long as a run goes on.
 * @returns what stops it
 */
export function watchInterrupts(source: SignalSource, handle: (interrupt: Interrupt) => void): () => void {
  let state: State = 'calm';
  const listeners = WATCHED.map((signal) => {
    const listener = (): void => {
      const kind = NEXT[state][signal];
      if (kind === 'forward') {
        state = 'forwarded';
        handle({ kind, signal: 'SIGINT' });
      } else if (kind === 'cancel') {
        state = 'canceled';
        handle({ kind, cause: signal });
      } else {
        handle({ kind });
      }
    };
    source.on(signal, listener);
    return () => source.off(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}

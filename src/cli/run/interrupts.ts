import type { EventEmitter } from 'node:events';
import type { CancelCause } from '../exit-status.ts';

/** Signals that a user, a system or a program (rsync: SIGUSR1) ends us with. SIGPIPE is left alone. */
const WATCHED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const;

type WatchedSignal = (typeof WATCHED)[number];

/** What a signal asks for. */
export type Interrupt =
  | { readonly kind: 'forward'; readonly signal: 'SIGINT' }
  | { readonly kind: 'cancel'; readonly cause: CancelCause & WatchedSignal }
  | { readonly kind: 'abandon'; readonly cause: WatchedSignal };

/** Takes what is to be done when we are interrupted, from now on. */
export type OnInterrupt = (handle: (asked: Interrupt) => void) => void;

type State = 'calm' | 'forwarded' | 'canceled';

type Rules = Readonly<Record<State, Readonly<Record<WatchedSignal, Interrupt['kind']>>>>;

const ABANDON = { SIGINT: 'abandon', SIGTERM: 'abandon', SIGHUP: 'abandon', SIGUSR1: 'abandon' } as const;
const CANCEL = { SIGINT: 'cancel', SIGTERM: 'cancel', SIGHUP: 'cancel', SIGUSR1: 'cancel' } as const;

/** What the next signal does. */
const RULES = {
  /** The first Ctrl-C is for the command, the second ends its tree, the third leaves. The others end the tree at once;
   * when that was asked for already, they leave. */
  run: { calm: { ...CANCEL, SIGINT: 'forward' }, forwarded: CANCEL, canceled: ABANDON },
  /** A job that is to outlive us: what ends us is not meant for it. */
  job: {
    calm: { ...ABANDON, SIGINT: 'forward' },
    forwarded: { ...ABANDON, SIGINT: 'cancel' },
    canceled: ABANDON,
  },
  /** A job that was started elsewhere, whose user wants Ctrl-C to reach it: it is not ours to end. */
  'attach-forwarding': { calm: { ...ABANDON, SIGINT: 'forward' }, forwarded: ABANDON, canceled: ABANDON },
  /** A job that is only looked at. */
  watch: { calm: ABANDON, forwarded: ABANDON, canceled: ABANDON },
} as const satisfies Readonly<Record<string, Rules>>;

/** By which rules signals are passed on. */
export type InterruptRules = keyof typeof RULES;

/** Where signals come from: the process itself. */
export type SignalSource = Pick<EventEmitter, 'on' | 'off'>;

/**
 * Watches for signals as long as a run goes on.
 * @returns what stops it
 */
export function watchInterrupts(
  source: SignalSource,
  handle: (interrupt: Interrupt) => void,
  rules: InterruptRules = 'run',
): () => void {
  const next: Rules = RULES[rules];
  let state: State = 'calm';
  const listeners = WATCHED.map((signal) => {
    const listener = (): void => {
      const kind = next[state][signal];
      if (kind === 'forward') {
        state = 'forwarded';
        handle({ kind, signal: 'SIGINT' });
      } else if (kind === 'cancel') {
        state = 'canceled';
        handle({ kind, cause: signal });
      } else {
        handle({ kind, cause: signal });
      }
    };
    source.on(signal, listener);
    return () => source.off(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}

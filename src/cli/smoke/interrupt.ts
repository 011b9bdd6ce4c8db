import { statusOfSignal } from '../exit-status.ts';
import type { SignalSource } from '../run/interrupts.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What signals ask for while tests run. */
export interface InterruptWatch {
  /** The first one: what runs is ended, what tears down still runs. */
  readonly cancel: AbortSignal;
  /** The second one: that is ended too. */
  readonly giveUp: AbortSignal;
  /** Resolves with the third: nothing is waited for any more. */
  readonly left: Promise<void>;
  /** 128 + n of the first signal; null: there was none. */
  exitStatus(): number | null;
  stop(): void;
}

/** Watches for Ctrl-C, and what else ends a process. */
export function watchInterrupt(source: SignalSource): InterruptWatch {
  const cancel = new AbortController();
  const giveUp = new AbortController();
  const left = Promise.withResolvers<void>();
  let first: string | null = null;
  const listeners = SIGNALS.map((signal) => {
    const listener = (): void => {
      if (giveUp.signal.aborted) left.resolve();
      else if (cancel.signal.aborted) giveUp.abort();
      first ??= signal;
      cancel.abort();
    };
    source.on(signal, listener);
    return () => source.off(signal, listener);
  });
  return {
    cancel: cancel.signal,
    giveUp: giveUp.signal,
    left: left.promise,
    exitStatus: () => (first === null ? null : statusOfSignal(first)),
    stop() {
      for (const remove of listeners) remove();
    },
  };
}

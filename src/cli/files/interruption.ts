import { type CancelCause, EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED, statusOfSignal } from '../exit-status.ts';
import { reportFailure } from '../host/report-failure.ts';
import type { ByteSink } from '../output/byte-sink.ts';
import type { Messages } from '../output/messages.ts';

/** What ends a copy from outside: a signal, or stdout that takes no more. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Null: nothing has. */
  cause(): CancelCause | null;
  /** Our stdout. If it fails, the copy ends. */
  readonly stdout: ByteSink;
  /** Settles as the promise does, or rejects once the copy is to end. */
  race<Value>(promise: Promise<Value>): Promise<Value>;
  stop(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Watches signals, until it is stopped. The second one ends the process, as if nobody watched. */
export function watchInterruption(sink: ByteSink, messages: Messages): Interruption {
  const controller = new AbortController();
  const { signal } = controller;
  let found: CancelCause | null = null;
  const interrupt = (cause: CancelCause): void => {
    found ??= cause;
    controller.abort(new Error(`interrupted by ${cause}`));
  };
  const handle = (name: NodeJS.Signals): void => {
    stop();
    interrupt(name as CancelCause);
  };
  const stop = (): void => {
    for (const name of SIGNALS) process.off(name, handle);
  };
  for (const name of SIGNALS) process.on(name, handle);
  return {
    signal,
    cause: () => found,
    stdout: {
      async write(bytes) {
        try {
          await sink.write(bytes);
        } catch (error) {
          if (found === null) interrupt(reportFailure(error as Error, messages));
          throw error;
        }
      },
    },
    async race(promise) {
      signal.throwIfAborted();
      const ended = Promise.withResolvers<never>();
      const end = (): void => ended.reject(signal.reason);
      signal.addEventListener('abort', end, { once: true });
      return Promise.race([promise, ended.promise]).finally(() => signal.removeEventListener('abort', end));
    },
    stop,
  };
}

/** The exit status of a copy that was interrupted. */
export function statusOfInterruption(cause: CancelCause): number {
  if (cause === 'stdout-closed') return EXIT_STDOUT_CLOSED;
  return cause === 'stdout-failed' ? EXIT_REXA_FAILED : statusOfSignal(cause);
}

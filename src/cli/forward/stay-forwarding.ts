import type { OpenHost } from '../../client/host.ts';
import type { CancelCause } from '../exit-status.ts';
import { type SignalSource, watchInterrupts } from '../run/interrupts.ts';

/** What ended it: a signal, or the connection with its error. */
export type StayEnd = { readonly cause: CancelCause } | { readonly error: Error | null };

/** Resolves when a signal arrives, or the host's connection ends. */
export async function stayForwarding(host: Pick<OpenHost, 'ended'>, signals: SignalSource): Promise<StayEnd> {
  const left = Promise.withResolvers<StayEnd>();
  const stopWatching = watchInterrupts(signals, (asked) =>
    left.resolve({ cause: asked.kind === 'forward' ? 'SIGINT' : asked.cause }),
  );
  void host.ended?.then((error) => left.resolve({ error }));
  return left.promise.finally(stopWatching);
}

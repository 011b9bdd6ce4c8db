import type { OpenHost } from '../../client/host.ts';
import type { Messages } from '../output/messages.ts';
import type { SignalSource } from '../run/interrupts.ts';
import { findSharing } from './sharing.ts';

/**
 * Waits until nobody else uses the connection of a host that this process shares, or a signal says not to wait. To be called
 * wherever such a host is left: as in ssh, the connection stays for the others that use it.
 */
export async function untilUnused(host: OpenHost, signals: SignalSource, messages: Messages): Promise<void> {
  const sharing = findSharing(host);
  if (sharing === undefined) return;
  messages.debug(1, 'the connection stays until nobody else uses it');
  await unlessStopped(sharing.whenUnusedFor(0), signals);
}

/** Returns a host whose connection, if this process shares it, is closed when nobody else uses it any more. */
export function closedUnused(host: OpenHost, messages: Messages): OpenHost {
  const close = async (): Promise<void> => {
    await untilUnused(host, process, messages);
    await host.close();
  };
  return Object.create(host, { close: { value: close } }) as OpenHost;
}

/** Resolves with a wait, or on a signal that ends a process. */
export async function unlessStopped(wait: Promise<unknown>, signals: SignalSource): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const stop = (): void => stopped.resolve();
  for (const name of STOPPING) signals.on(name, stop);
  try {
    await Promise.race([wait, stopped.promise]);
  } finally {
    for (const name of STOPPING) signals.off(name, stop);
  }
}

const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

import type { OpenHost } from '../../client/host.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { createMessages } from '../output/messages.ts';
import type { HostOptions } from './host-plan.ts';
import { openCalledHost } from './open-called-host.ts';

/**
 * Opens a host again whose connection was lost. Nobody is asked anything, and nothing is said: the status line says that the
 * connection is lost.
 * @throws RexaError as openCalledHost
 */
export async function reopenCalledHost(
  called: string,
  given: HostOptions,
  { user }: { readonly user?: string },
): Promise<OpenHost> {
  const silent = createMessages({ q: true, v: 0, color: 'never' }, () => undefined);
  const own = { ...given, ...(user === undefined ? {} : { user }), mayAsk: false };
  const host = await openCalledHost(called, own, silent, { hasTerminal: true });
  await host.greeted(given.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
  return host;
}

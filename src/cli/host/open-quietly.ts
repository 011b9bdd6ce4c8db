import { existsSync } from 'node:fs';
import type { OpenHost } from '../../client/host.ts';
import type { HostName } from '../../client/host-name.ts';
import { localSocketPath } from '../../places/local-socket.ts';
import { createMessages } from '../output/messages.ts';
import { openCalledHost } from './open-called-host.ts';

/** The longest wait for a completion. */
const PATIENCE_MS = 2_000;

/** Returns whether a host is reached without starting a daemon. */
export function isQuietlyReachable(called: string): boolean {
  return called !== 'local' || existsSync(localSocketPath());
}

/** Opens a host for a completion: nobody is asked for anything, and nothing is said. @throws RexaError */
export async function openQuietly({ address, user }: HostName): Promise<OpenHost> {
  const silent = createMessages({ q: true, v: 0, color: 'never' }, () => undefined);
  const given = {
    user: user ?? undefined,
    mayAsk: false,
    connectTimeoutMs: PATIENCE_MS,
    reconnectForMs: 0,
  };
  const host = await openCalledHost(address, given, silent);
  await host.greeted(PATIENCE_MS);
  return host;
}

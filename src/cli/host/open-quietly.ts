import { existsSync } from 'node:fs';
import type { OpenHost } from '../../client/host.ts';
import { type HostName, readHostName } from '../../client/host-name.ts';
import { localSocketPath } from '../../places/local-socket.ts';
import { RexaError } from '../../protocol/errors.ts';
import { createMessages } from '../output/messages.ts';
import { openCalledHost } from './open-called-host.ts';

/** The longest wait for a completion. */
const PATIENCE_MS = 2_000;

/** Opens a host for a completion: nobody is asked for anything, and nothing is said. @throws RexaError */
async function openQuietly({ address, user }: HostName): Promise<OpenHost> {
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

/** Asks a host for what completes a word. Nothing, where that would ask a person for something, or start a daemon. */
export async function askQuietly<T>(
  called: string,
  ask: (host: OpenHost) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  if (called === 'local' && !existsSync(localSocketPath())) return [];
  try {
    await using host = await openQuietly(readHostName(called));
    return await ask(host);
  } catch (error) {
    if (error instanceof RexaError) return [];
    throw error;
  }
}

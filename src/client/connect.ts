import type { Host } from './host-types.ts';
import { openHost, readConnectTimeout } from './open-host.ts';
import type { ConnectOptions } from './run-types.ts';

/**
 * Connects to a daemon and waits for its hello. `local` starts one if none answers.
 * @param address `local`, `unix:/path/rexad.sock`, `tls://host:7522`, a bare host, or `ready://127.0.0.1:PORT`
 * @throws RexaError CONNECT_FAILED, CONNECT_TIMEOUT, SOCKET_NOT_OURS, ADDRESS_INVALID, LOCAL_START_FAILED,
 * AUTH_HOST_UNKNOWN, AUTH_HOST_CHANGED, AUTH_HOST_PIN_MISMATCH, LOGIN_NO_KEY, or what the daemon refused with
 */
export async function connect(address: string, options: ConnectOptions = {}): Promise<Host> {
  const host = await openHost(address, options);
  await host.greeted(readConnectTimeout(options));
  return host;
}

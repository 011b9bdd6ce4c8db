import type { Socket } from 'node:net';
import { parseAddress } from '../link/address.ts';
import { connectUnix } from '../link/connect-unix.ts';
import { RexaError } from '../protocol/errors.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS, MAX_TIMEOUT_MS } from '../protocol/limits.ts';
import { readTimeout } from './check-options.ts';
import { connectLocal } from './connect-local.ts';
import { createHost, type OpenHost } from './host.ts';
import { patienceOnUnix, readReconnection } from './reconnection.ts';
import type { ConnectOptions, Host } from './run-types.ts';

/**
 * Connects to a daemon and waits for its hello. `local` starts one if none answers.
 * @param address `local`, `unix:/path/rexad.sock` or `ready://127.0.0.1:PORT`
 * @throws RexaError CONNECT_FAILED, CONNECT_TIMEOUT, SOCKET_NOT_OURS, ADDRESS_INVALID, LOCAL_START_FAILED, or what the
 * daemon refused with
 */
export async function connect(address: string, options: ConnectOptions = {}): Promise<Host> {
  const host = await openHost(address, options);
  await host.greeted(readConnectTimeout(options));
  return host;
}

/** @throws RexaError USAGE */
function readConnectTimeout({ timeout = DEFAULT_CONNECT_TIMEOUT_MS }: ConnectOptions): number {
  return readTimeout('timeout', timeout) ?? MAX_TIMEOUT_MS;
}

/**
 * Connects without waiting for the daemon's hello, so that the first request shares its flight.
 * @throws RexaError as `connect`, before a byte of a request was sent
 */
export async function openHost(address: string, options: ConnectOptions = {}): Promise<OpenHost> {
  const timeoutMs = readConnectTimeout(options);
  const log = options.log ?? (() => {});
  const parsed = parseAddress(address);
  /** A daemon that was started for `local` is not started again for a link: that would be another one. */
  const createUnixHost = (socket: Socket, path: string): OpenHost =>
    createHost(
      address,
      { socket },
      {
        ...readReconnection(options),
        dial: async () => ({ socket: await connectUnix(path, timeoutMs) }),
        patienceMs: patienceOnUnix,
      },
    );
  switch (parsed.kind) {
    case 'local':
      return createUnixHost(await connectLocal(parsed.path, timeoutMs, log), parsed.path);
    case 'unix':
      log(`connecting to ${parsed.path}`);
      return createUnixHost(await connectUnix(parsed.path, timeoutMs), parsed.path);
    case 'tls':
      throw new RexaError('ADDRESS_UNSUPPORTED', [address, 'hosts over TLS are not in this version yet']);
    case 'ready':
      log(`connecting to ${address}`);
      return (await import('./ready-start/host.ts')).openReadyHost(address, parsed, timeoutMs);
  }
}

import { readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { openResumableLink } from '../link/resumable-link.ts';
import { RexaError } from '../protocol/errors.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS, MAX_TIMEOUT_MS } from '../protocol/limits.ts';
import type { Word } from '../protocol/word.ts';
import { type Address, parseAddress } from '../transports/address.ts';
import { connectLocal } from '../transports/connect-local.ts';
import { connectUnix } from '../transports/connect-unix.ts';
import { unixTransport } from '../transports/unix.ts';
import { readTimeout } from './check-options.ts';
import { createHost, type HostDefaults, type HostExtras, type OpenHost, REXA_AGENT } from './host.ts';
import { withRoute } from './jump.ts';
import { connectUnixAgain, patienceOnUnix, readReconnection } from './reconnection.ts';
import type { RoutedOptions } from './route.ts';
import type { ConnectOptions } from './run-types.ts';

/** Milliseconds for the connection, and for the daemon's hello. @throws RexaError USAGE */
export function readConnectTimeout({ timeout = DEFAULT_CONNECT_TIMEOUT_MS }: ConnectOptions): number {
  return readTimeout('timeout', timeout) ?? MAX_TIMEOUT_MS;
}

/** How a host is opened by the command line. */
export interface OpenOptions extends RoutedOptions {
  /** Where it is, if a configuration has said so; the address is then its name. */
  readonly target?: Address;
  /** The first request is to share a flight with the login; if that is refused, `logInAgain` is there. */
  readonly isEarly?: boolean;
  /** Programs that carry the connection may ask that person themselves, on the terminal. */
  readonly mayAsk?: boolean;
  /** A person sits before it: a lost connection is looked for again for longer, unless it is said for how long. */
  readonly hasTerminal?: boolean;
  /** Whether it is a jump host: it is given out after the daemon's hello, to open connections to other hosts. */
  readonly isJump?: boolean;
  /** What holds for its commands where they say nothing else. */
  readonly defaults?: HostDefaults;
}

/**
 * Connects, on a Unix socket without waiting for the daemon's hello, so that the first request shares its flight.
 * A route is closed with the host, or when that cannot be opened.
 * @throws RexaError as `connect`, before a byte of a request was sent
 */
export async function openHost(address: string, options: OpenOptions = {}): Promise<OpenHost> {
  const { route, isJump } = options;
  try {
    const host = await openTarget(address, options);
    if (isJump === true) await greet(host, readConnectTimeout(options));
    return route === undefined ? host : withRoute(host, route);
  } catch (error) {
    await route?.close();
    throw error;
  }
}

/** Returns a host after its daemon's hello; closes it if there is none. @throws RexaError as `OpenHost.greeted` */
export async function greet<Greeted extends OpenHost>(host: Greeted, timeoutMs: number): Promise<Greeted> {
  try {
    await host.greeted(timeoutMs);
    return host;
  } catch (error) {
    // Not waited for: the host may be silent
    host.close().catch(() => undefined);
    throw error;
  }
}

async function openTarget(address: string, options: OpenOptions): Promise<OpenHost> {
  const timeoutMs = readConnectTimeout(options);
  const log = options.log ?? (() => {});
  const target = options.target ?? parseAddress(address);
  checkJump(address, target, options);
  const reconnection = readReconnection(options, options.hasTerminal === true);
  const defaults = { ...options.defaults, agent: options.agent };
  // A daemon that is silent there is stopped, unless it was said when it counts as dead
  const liveness = options.keepalive === undefined ? 'none' : 'own';
  /** A daemon that was started for `local` is not started again for a link: that would be another one. */
  const createUnixHost = (socket: Socket, path: string, extras: Pick<HostExtras, 'folder'> = {}): OpenHost =>
    createHost(
      address,
      openResumableLink({ transport: unixTransport(socket, liveness) }, REXA_AGENT, {
        ...reconnection,
        dial: async () => ({ transport: await connectUnixAgain(path, timeoutMs, liveness) }),
        patienceMs: patienceOnUnix,
      }),
      { ...extras, defaults },
    );
  switch (target.kind) {
    case 'local':
      return createUnixHost(await connectLocal(target.path, timeoutMs, log), target.path, {
        folder: ownFolder(),
      });
    case 'exec':
    case 'ssh': {
      const { openProgramHost } = await import('./program-host.ts');
      return openProgramHost(address, target, options, {
        timeoutMs,
        reconnection,
        defaults,
        mayAsk: options.mayAsk === true,
        hasTerminal: options.hasTerminal === true,
      });
    }
    case 'unix':
      log(`connecting to ${target.path}`);
      return createUnixHost(await connectUnix(target.path, timeoutMs), target.path);
    case 'tls': {
      const { openTlsHost } = await import('./tls/open-tls-host.ts');
      const isEarly = options.isEarly === true;
      return openTlsHost(address, target, options, {
        timeoutMs,
        isEarly,
        reconnection,
        defaults,
      });
    }
    case 'ready':
      log(`connecting to ${address}`);
      return (await import('./ready-start/host.ts')).openReadyHost(address, target, timeoutMs);
  }
}

/** @throws RexaError USAGE for a jump host that cannot be one, or not in its place */
function checkJump(address: string, { kind }: Address, { isJump, route }: OpenOptions): void {
  if (route !== undefined && kind !== 'tls')
    throw new RexaError('USAGE', [
      `only the first jump host may be reached in another way than over TLS: ${address} is not the first`,
    ]);
  if (isJump === true && kind === 'ready')
    throw new RexaError('USAGE', [
      `${address} cannot be a jump host: a Ready/Start peer opens no connections to other hosts`,
    ]);
}

/** The caller's folder. @throws RexaError CWD_UNUSABLE for one that was removed */
function ownFolder(): Word {
  try {
    const folder = process.cwd();
    // Node has put it in the place of what is not UTF-8
    return folder.includes('\ufffd') ? readlinkSync('/proc/self/cwd', 'buffer') : folder;
  } catch (cause) {
    throw new RexaError('CWD_UNUSABLE', [removedFolder(), 'it was removed'], { cause });
  }
}

/** Linux still tells the path of a removed folder. */
function removedFolder(): string {
  try {
    return readlinkSync('/proc/self/cwd').replace(/ \(deleted\)$/, '');
  } catch {
    return process.env['PWD'] || 'of this process';
  }
}

import { once } from 'node:events';
import net from 'node:net';
import type { SocketPlace } from '../protocol/socket-place.ts';

/** A place that is listened on. */
export interface ListeningPlace {
  /** Where it is: with the port that the system has chosen. */
  readonly at: SocketPlace;
  /** Takes no more connections; those that there are go on. */
  close(): void;
}

const EVERYWHERE = ['::', '0.0.0.0'];
const LOOPBACK = ['127.0.0.1', '::1'];
/** An address family that this host does not have. */
const MISSING_FAMILY = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'];
/** Only the owner may connect to a Unix socket. */
const SOCKET_UMASK = 0o177;

/**
 * Listens on a place. `localhost` is the loopback addresses of both families, an empty host and `*` are all addresses.
 * Sockets come paused, and both of their directions end apart. A Unix socket has mode 0600.
 * @throws Error of the system; then nothing is listened on
 */
export async function listenAt(
  place: SocketPlace,
  handle: (socket: net.Socket) => void,
): Promise<ListeningPlace> {
  if ('path' in place) {
    const server = await listen(place, handle);
    return { at: place, close: () => void server.close() };
  }
  const { host, port } = place;
  if (host === '' || host === '*') return listenOnFirst(EVERYWHERE, port, handle);
  return host === 'localhost' ? listenOnBoth(port, handle) : listenOnFirst([host], port, handle);
}

/** The first family that this host has: `::` takes IPv4 too. */
async function listenOnFirst(
  hosts: readonly string[],
  port: number,
  handle: (socket: net.Socket) => void,
): Promise<ListeningPlace> {
  const [host = '', ...others] = hosts;
  try {
    const server = await listen({ host, port }, handle);
    return { at: { host, port: portOf(server) }, close: () => void server.close() };
  } catch (error) {
    if (others.length === 0 || !isMissingFamily(error)) throw error;
    return listenOnFirst(others, port, handle);
  }
}

/** IPv4 and, where it exists, IPv6, with the same port. */
async function listenOnBoth(port: number, handle: (socket: net.Socket) => void): Promise<ListeningPlace> {
  const servers: net.Server[] = [];
  const close = (): void => {
    for (const server of servers) server.close();
  };
  let chosen = port;
  for (const host of LOOPBACK) {
    try {
      const server = await listen({ host, port: chosen }, handle);
      servers.push(server);
      chosen = portOf(server);
    } catch (error) {
      const isOptional = isMissingFamily(error) || (port === 0 && servers.length > 0);
      if (isOptional && (servers.length > 0 || host !== LOOPBACK.at(-1))) continue;
      close();
      throw error;
    }
  }
  return { at: { host: 'localhost', port: chosen }, close };
}

async function listen(place: SocketPlace, handle: (socket: net.Socket) => void): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, handle);
  const listening = once(server, 'listening');
  if ('path' in place) {
    const mask = process.umask(SOCKET_UMASK);
    try {
      server.listen(place.path);
    } finally {
      process.umask(mask);
    }
  } else server.listen({ ...place, exclusive: true });
  await listening;
  // Out of descriptors: the connection waits in the kernel
  server.on('error', () => undefined);
  return server;
}

function portOf(server: net.Server): number {
  return (server.address() as net.AddressInfo).port;
}

function isMissingFamily(error: unknown): boolean {
  return MISSING_FAMILY.includes((error as NodeJS.ErrnoException).code ?? '');
}

import dgram from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import os from 'node:os';
import { parseIpAddress } from '../../auth/ip-address.ts';
import { causedBy } from '../../protocol/caused-by.ts';
import { showUdpAddress, type UdpAddress } from '../../transports/listen-address.ts';

/** The sockets of one address. */
export interface UdpSockets {
  readonly port: number;
  /** Opens and closes sockets as this machine's addresses have changed; does nothing but for a wildcard address. */
  refresh(): Promise<void>;
  close(): void;
}

export interface UdpHandlers {
  handleDatagram(datagram: Buffer, remote: dgram.RemoteInfo, socket: dgram.Socket): void;
  /** A socket has failed, or one of a wildcard address cannot be opened, which is reported once. */
  handleError(error: Error): void;
}

/**
 * Opens a socket; for a wildcard address one for each address of this machine, since Node does not tell to which address a
 * datagram was sent, and an answer must come from there.
 * @param listOwn returns this machine's addresses
 * @throws RexaError LISTEN_FAILED
 */
export async function openUdpSockets(
  { host, port: asked }: Pick<UdpAddress, 'host' | 'port'>,
  { handleDatagram, handleError }: UdpHandlers,
  listOwn: typeof listOwnAddresses = listOwnAddresses,
): Promise<UdpSockets> {
  const sockets = new Map<string, dgram.Socket>();
  const failed = new Set<string>();
  let isClosed = false;

  function serve(address: string, socket: dgram.Socket): void {
    sockets.set(address, socket);
    socket.on('message', (datagram, remote) => handleDatagram(datagram, remote, socket));
    socket.on('error', handleError);
  }

  function close(): void {
    isClosed = true;
    for (const socket of sockets.values()) socket.close();
    sockets.clear();
  }

  async function open(address: string, port: number): Promise<void> {
    try {
      const socket = await bind(address, port);
      if (isClosed) socket.close();
      else serve(address, socket);
      failed.delete(address);
    } catch (error) {
      if (!failed.has(address)) handleError(error as Error);
      failed.add(address);
    }
  }

  try {
    const { address } = await lookup(host);
    const first = await bind(address, asked);
    const { port } = first.address();
    const wildcard = WILDCARDS.get(parseIpAddress(address)?.text ?? '');
    if (wildcard === undefined) {
      serve(address, first);
      return { port, refresh: () => Promise.resolve(), close };
    }
    // It has shown that the port is free on all addresses
    first.close();
    await once(first, 'close');
    const refresh = async (): Promise<void> => {
      const own = listOwn(wildcard);
      for (const [old, socket] of sockets)
        if (!own.includes(old)) {
          sockets.delete(old);
          socket.close();
        }
      for (const each of own) if (!sockets.has(each)) await open(each, port);
    };
    await refresh();
    if (sockets.size === 0) throw new Error('no address of this machine can be used');
    return { port, refresh, close };
  } catch (cause) {
    throw causedBy('LISTEN_FAILED', cause, showUdpAddress({ host, port: asked }));
  }
}

/** Families whose addresses a wildcard address stands for. */
const WILDCARDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['0.0.0.0', ['IPv4']],
  ['::', ['IPv4', 'IPv6']],
]);

/** Without link-local addresses: each virtual interface has one, and a socket for each would cost a descriptor. */
function listOwnAddresses(families: readonly string[]): readonly string[] {
  return Object.values(os.networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ family, scopeid = 0 }) => families.includes(family) && scopeid === 0)
    .map(({ address }) => address);
}

async function bind(address: string, port: number): Promise<dgram.Socket> {
  const socket = dgram.createSocket(parseIpAddress(address)?.family === 4 ? 'udp4' : 'udp6');
  try {
    socket.bind(port, address);
    await once(socket, 'listening');
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

import type { Socket } from 'node:net';
import type { Liveness, Transport } from '../link/transport.ts';
import { createSocketTransport } from './socket-transport.ts';

/**
 * A connected Unix socket as a transport.
 * @param liveness `none` unless somebody wants to know of a peer that is stopped
 */
export function unixTransport(socket: Socket, liveness: Liveness = 'none'): Transport {
  return createSocketTransport(socket, {
    liveness,
    renewAfterBytes: Number.POSITIVE_INFINITY,
    exportSecret: null,
  });
}

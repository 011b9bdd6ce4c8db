import type { Socket } from 'node:net';
import { RexaError } from '../../protocol/errors.ts';
import type { ListenContext } from './listener.ts';

/** Takes a connection on a Unix socket: only a peer of our own uid may come in, root included. */
export function acceptUnix(
  socket: Socket,
  { daemon, system }: Pick<ListenContext, 'daemon' | 'system'>,
): void {
  const descriptor = descriptorOf(socket);
  const peer = descriptor === null ? null : system.peerCredentials(descriptor);
  const own = process.getuid?.() ?? null;
  const refusal =
    peer !== null && own !== null && peer.uid !== own ? new RexaError('PEER_REFUSED', [peer.uid, own]) : null;
  daemon.serve(socket, { uid: peer?.uid ?? null, pid: peer?.pid ?? null, login: null }, refusal);
}

/** Node keeps the descriptor of a socket to itself; on Unix its handle has it. */
function descriptorOf(socket: Socket): number | null {
  const { _handle: handle } = socket as Socket & { _handle?: { fd?: number } | null };
  return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : null;
}

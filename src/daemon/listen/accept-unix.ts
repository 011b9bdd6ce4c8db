import type { Socket } from 'node:net';
import { authenticatePeer } from '../../auth/authenticator.ts';
import { readPeer } from '../../process/unix-socket.ts';
import { RexaError } from '../../protocol/errors.ts';
import { accountName } from '../../services/run/environment.ts';
import { unixTransport } from '../../transports/unix.ts';
import type { ListenContext } from './listener.ts';

/** Takes a connection on a Unix socket: only a peer of our own uid may come in, root included. */
export function acceptUnix(
  socket: Socket,
  { daemon, system }: Pick<ListenContext, 'daemon' | 'system'>,
): void {
  const peer = readPeer(socket, system);
  const own = process.getuid?.() ?? null;
  const refusal =
    peer !== null && own !== null && peer.uid !== own ? new RexaError('PEER_REFUSED', [peer.uid, own]) : null;
  const authentication = authenticatePeer(
    { uid: peer?.uid ?? null, pid: peer?.pid ?? null },
    accountName(),
    refusal,
  );
  daemon.serve(unixTransport(socket), authentication);
}

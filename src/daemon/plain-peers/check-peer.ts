import type { Socket } from 'node:net';
import { RexaError } from '../../protocol/errors.ts';
import { isLoopbackAddress } from '../../protocol/loopback.ts';
import { findPeerUid } from './peer-uid.ts';

/** The schemes of listeners whose peers do not log in. */
export type PlainScheme = 'ready' | 'talk';

/** A peer as the log shows it. */
export interface PlainPeer {
  readonly address: string;
  readonly port: number;
  /** Null where it can't be told. */
  readonly uid: number | null;
}

/** The uid at the other end of a connection: null when it can't be told now, `untold` when this system never tells. */
export type FindUid = (socket: Socket) => Promise<number | null | 'untold'>;

/**
 * Whether a peer may be served, before a byte of it is read: it must be on loopback and, where the system tells, of
 * our own uid. Never rejects.
 * @param findUid a number instead says that so many peers are served already
 */
export async function checkPeer(
  scheme: PlainScheme,
  socket: Socket,
  findUid: FindUid | number,
): Promise<{ peer: PlainPeer; refusal: RexaError | null }> {
  const { remoteAddress: address = '', remotePort: port = 0 } = socket;
  const uid = typeof findUid === 'number' ? null : await findUid(socket).catch(() => null);
  const peer: PlainPeer = { address, port, uid: uid === 'untold' ? null : uid };
  if (typeof findUid === 'number')
    return { peer, refusal: new RexaError('CONNECTIONS_EXHAUSTED', [findUid]) };
  if (address === '') return { peer, refusal: new RexaError('READY_PEER_UNKNOWN', [scheme, port]) };
  if (!isLoopbackAddress(address))
    return { peer, refusal: new RexaError('READY_NOT_LOOPBACK', [address, scheme]) };
  return { peer, refusal: checkUid(scheme, uid, port) };
}

function checkUid(scheme: PlainScheme, uid: number | null | 'untold', port: number): RexaError | null {
  const own = process.geteuid?.();
  if (uid === 'untold' || own === undefined) return null;
  if (uid === null) return new RexaError('READY_PEER_UNKNOWN', [scheme, port]);
  return uid === own ? null : new RexaError('PEER_REFUSED', [uid, own]);
}

/** What Linux says in /proc/net. Elsewhere users cannot be told apart; a warning at the start says so. */
export const findSocketUid: FindUid = async ({ remoteAddress, remotePort, localAddress, localPort }) => {
  if (process.platform !== 'linux') return 'untold';
  if (remoteAddress === undefined || remotePort === undefined) return null;
  if (localAddress === undefined || localPort === undefined) return null;
  return findPeerUid(
    { address: remoteAddress, port: remotePort },
    { address: localAddress, port: localPort },
  );
};

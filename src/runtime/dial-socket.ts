import net from 'node:net';
import type { SocketPlace } from '../protocol/socket-place.ts';
import { startAwakeTimer } from './awake-timer.ts';
import { DIAL_TIMEOUT_MS } from './limits.ts';

/**
 * Connects to a place. Nothing is read from the socket before somebody reads it, and both directions end apart.
 * @param given resolves when nobody wants the connection any more: it is given up, and the promise rejects
 * @throws Error of the system
 */
export async function dialSocket(place: SocketPlace, given: Promise<unknown>): Promise<net.Socket> {
  const socket = net.connect({ ...place, allowHalfOpen: true });
  const fail = (code: string, message: string): void =>
    void socket.destroy(Object.assign(new Error(message), { code }));
  const timer = startAwakeTimer(() => fail('ETIMEDOUT', 'connection timed out'), DIAL_TIMEOUT_MS);
  let state: 'dialing' | 'settled' = 'dialing';
  void given.then(() => state === 'dialing' && fail('ECANCELED', 'operation canceled'));
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
  } finally {
    state = 'settled';
    timer.stop();
  }
  // Whoever uses it is told by the end of its streams
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  return socket;
}

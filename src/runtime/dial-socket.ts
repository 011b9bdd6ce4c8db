import dns from 'node:dns';
import net from 'node:net';
import type { SocketPlace } from '../protocol/socket-place.ts';
import { startAwakeTimer } from './awake-timer.ts';
import { DIAL_ATTEMPT_MS, DIAL_TIMEOUT_MS } from './limits.ts';

/**
 * Connects to a place. Nothing is read from the socket before somebody reads it, and both directions end apart.
 * @param given resolves when nobody wants the connection any more: it is given up, and the promise rejects, after the lookup
 *   of its name, which cannot be canceled and occupies a thread
 * @throws Error of the system
 */
export async function dialSocket(place: SocketPlace, given: Promise<unknown>): Promise<net.Socket> {
  let lookedUp = Promise.resolve();
  const lookup: net.LookupFunction = (name, options, handle) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    lookedUp = promise;
    dns.lookup(name, options, (...found) => {
      resolve();
      handle(...found);
    });
  };
  const socket = net.connect({
    ...place,
    lookup,
    allowHalfOpen: true,
    autoSelectFamilyAttemptTimeout: DIAL_ATTEMPT_MS,
  });
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
    await lookedUp;
  }
  // Whoever uses it is told by the end of its streams
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  return socket;
}

import type { Address } from '../../link/address.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { Daemon } from '../daemon.ts';
import type { Log } from '../log.ts';
import type { SystemCalls } from '../system/system.ts';
import { acceptUnix } from './accept-unix.ts';
import { listenUnix } from './unix-socket.ts';

/** A place where the daemon can be reached. */
export interface Listener {
  /** The address with the port that was taken, and without a pin. */
  readonly url: string;
  /** Of the host key; null off TLS. */
  readonly fingerprint: string | null;
  /** Takes no new connections. */
  close(): Promise<void>;
}

export interface ListenContext {
  readonly daemon: Daemon;
  readonly system: SystemCalls;
  readonly log: Log;
}

/** @throws RexaError ALREADY_LISTENING, LISTEN_FAILED, SOCKET_PATH_TOO_LONG, SOCKET_NOT_OURS */
export async function listenOn(address: Address, context: ListenContext): Promise<Listener> {
  switch (address.kind) {
    case 'local':
    case 'unix': {
      const listener = await listenUnix(address.path, context.system);
      listener.server.on('connection', (socket) => acceptUnix(socket, context));
      return { url: `unix:${address.path}`, fingerprint: null, close: () => listener.close() };
    }
    case 'ready':
      throw new RexaError('ADDRESS_UNSUPPORTED', ['ready://', 'not yet']);
  }
}

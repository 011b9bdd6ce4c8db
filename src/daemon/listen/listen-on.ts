import type { Address } from '../../link/address.ts';
import type { Audit } from '../audit.ts';
import type { Daemon } from '../daemon.ts';
import type { Log } from '../log.ts';
import type { RunService } from '../services/run.ts';
import type { SystemCalls } from '../system/system.ts';
import { acceptUnix } from './accept-unix.ts';
import { listenReady } from './listen-ready.ts';
import { listenUnix } from './unix-socket.ts';

/** A place where the daemon can be reached. */
export interface Listener {
  /** The address with the port that was taken, and without a pin. */
  readonly url: string;
  /** Of the host key; null off TLS. */
  readonly fingerprint: string | null;
  /** Takes no new connections. Those that the daemon doesn't know of get `drainMs` for what is under way. */
  close(drainMs: number): Promise<void>;
}

export interface ListenContext {
  readonly daemon: Daemon;
  readonly system: SystemCalls;
  readonly log: Log;
  readonly audit: Audit;
  readonly runs: RunService;
}

/** @throws RexaError ALREADY_LISTENING, LISTEN_FAILED, SOCKET_PATH_TOO_LONG, SOCKET_NOT_OURS, and as listenReady */
export async function listenOn(address: Address, context: ListenContext): Promise<Listener> {
  switch (address.kind) {
    case 'local':
    case 'unix': {
      const listener = await listenUnix(address.path, context.system);
      listener.server.on('connection', (socket) => acceptUnix(socket, context));
      return { url: `unix:${address.path}`, fingerprint: null, close: () => listener.close() };
    }
    case 'ready':
      return listenReady(address, context);
  }
}

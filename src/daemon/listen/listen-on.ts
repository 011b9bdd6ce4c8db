import { listenUnix } from '../../process/unix-socket.ts';
import type { ListenAddress } from '../../transports/listen-address.ts';
import { acceptUnix } from './accept-unix.ts';
import { listenReady } from './listen-ready.ts';
import type { ListenContext, Listener } from './listener.ts';
import { cannotListen } from './refuse-listening.ts';

/** @throws RexaError ALREADY_LISTENING, LISTEN_FAILED, SOCKET_PATH_TOO_LONG, SOCKET_NOT_OURS, and as listenReady */
export async function listenOn(address: ListenAddress, context: ListenContext): Promise<Listener> {
  switch (address.kind) {
    case 'local':
    case 'unix': {
      const listener = await listenUnix(address.path, context.system, (text) =>
        context.log.warn(text, { path: address.path }),
      );
      listener.server.on('connection', (socket) => acceptUnix(socket, context));
      return {
        url: `unix:${address.path}`,
        fingerprint: null,
        load: () => Promise.resolve(() => undefined),
        close: (_deadline, drained) => drained.then(listener.close),
        release: listener.release,
      };
    }
    case 'exec':
    case 'ssh':
      throw cannotListen(address);
    case 'ready':
      return listenReady(address, context);
    case 'talk':
      return (await import('./listen-talk.ts')).listenTalk(address, context);
    case 'udp':
      return (await import('./listen-udp.ts')).listenUdp(address, context);
    case 'tls':
      // Loaded where it is needed: most daemons listen on their own socket alone.
      return (await import('./listen-tls.ts')).listenTls(address, context);
  }
}

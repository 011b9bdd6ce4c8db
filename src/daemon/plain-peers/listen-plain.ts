import net from 'node:net';
import { causedBy } from '../../protocol/caused-by.ts';
import { RexaError } from '../../protocol/errors.ts';
import { loopbackAddresses } from '../../protocol/loopback.ts';
import { checkPeer, type FindUid, findSocketUid, type PlainPeer, type PlainScheme } from './check-peer.ts';

/** A conversation with a peer. */
export interface PlainSession {
  /** Resolves when the connection is closed. Never rejects. */
  readonly ended: Promise<unknown>;
  /** Ends it once what is under way has reached its last byte. */
  shutDown(): void;
  /** Ends it now. */
  reset(): void;
}

export interface PlainListenOptions {
  readonly scheme: PlainScheme;
  /** A loopback address or `localhost`. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly maxPeers: number;
  /** Resolves when a peer may be served that has been let in. Default: at once. */
  admit?(socket: net.Socket, peer: PlainPeer): Promise<unknown> | null;
  /** Serves a peer that has been let in; its socket is paused. */
  serve(socket: net.Socket, peer: PlainPeer): PlainSession;
  /** Told of a peer that was not let in. */
  handleRefused(peer: PlainPeer, error: RexaError): void;
  /** By default what the system says. */
  readonly findUid?: FindUid | undefined;
}

export interface PlainListener {
  /** With the port that was taken. */
  readonly url: string;
  /** Conversations that are open. */
  readonly peers: number;
  /** Takes no new peers, lets conversations end until the deadline, then resets who is left. */
  close(deadline: Promise<unknown>): Promise<void>;
}

/**
 * Listens for peers that do not log in. Only those of our own uid are served: loopback is not a user.
 * @throws RexaError READY_NOT_LOOPBACK, LISTEN_FAILED
 */
export async function listenPlain(options: PlainListenOptions): Promise<PlainListener> {
  const { scheme, host, port, maxPeers, findUid = findSocketUid } = options;
  const [address] = loopbackAddresses(host);
  if (address === undefined) throw new RexaError('READY_NOT_LOOPBACK', [host, scheme]);
  const sessions = new Set<PlainSession>();
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  let admitted = 0;
  let state: 'open' | 'closing' = 'open';

  async function accept(socket: net.Socket): Promise<void> {
    // What goes wrong with a connection concerns its peer alone.
    socket.on('error', () => {});
    admitted++;
    const { peer, refusal } = await checkPeer(scheme, socket, admitted <= maxPeers ? findUid : maxPeers);
    const failure = refusal ?? (await serve(socket, peer));
    socket.destroy();
    admitted--;
    if (failure !== null) options.handleRefused(peer, failure);
  }

  /** @returns what went wrong in rexa itself: it ends this connection, and not the daemon */
  async function serve(socket: net.Socket, peer: PlainPeer): Promise<RexaError | null> {
    try {
      await options.admit?.(socket, peer);
      if (state !== 'open') return null;
      const session = options.serve(socket, peer);
      sessions.add(session);
      socket.resume();
      await session.ended.finally(() => sessions.delete(session));
      return null;
    } catch (cause) {
      return causedBy('INTERNAL', cause);
    }
  }

  server.on('connection', (socket) => void accept(socket));
  await listen(server, address, port, scheme);
  server.on('error', () => {});
  const shown = net.isIPv6(address) ? `[${address}]` : address;

  return {
    url: `${scheme}://${shown}:${(server.address() as net.AddressInfo).port}`,
    get peers() {
      return sessions.size;
    },
    async close(deadline) {
      state = 'closing';
      server.close();
      for (const session of sessions) session.shutDown();
      void deadline.then(() => {
        for (const session of sessions) session.reset();
      });
      await Promise.all([...sessions].map((session) => session.ended));
    },
  };
}

function listen(server: net.Server, host: string, port: number, scheme: PlainScheme): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new RexaError('LISTEN_FAILED', [`${scheme}://${host}:${port}`, cause.message], { cause }));
    });
    server.listen({ host, port }, resolve);
  });
}

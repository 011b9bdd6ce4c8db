import net from 'node:net';
import { RexaError } from '../../protocol/errors.ts';
import { loopbackAddresses } from '../../protocol/loopback.ts';
import { checkPeer, type FindUid, findSocketUid, type ReadyStartPeer } from './check-peer.ts';
import { type ReadyStartService, type ReadyStartSession, serveReadyStart } from './session.ts';

/** What the log and the audit are told. */
export interface ReadyStartReport {
  handleAccepted(peer: ReadyStartPeer): void;
  /** A connection or a command was refused, or a conversation was ended for cause. */
  handleRefused(peer: ReadyStartPeer, error: RexaError): void;
  handleCommand(peer: ReadyStartPeer, line: string): void;
}

export interface ReadyStartListenOptions {
  /** A loopback address or `localhost`. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly service: ReadyStartService;
  readonly maxPeers: number;
  readonly report: ReadyStartReport;
  /** By default what the system says. */
  readonly findUid?: FindUid;
}

export interface ReadyStartListener {
  /** With the port that was taken. */
  readonly url: string;
  /** Conversations that are open. */
  readonly peers: number;
  /** Takes no new peers, lets replies under way reach their last byte until the deadline, then resets who is left. */
  close(deadline: Promise<unknown>): Promise<void>;
}

/** What this protocol lacks, in one warning at the start of the daemon. */
export function warnOfReadyStart(url: string, platform: NodeJS.Platform = process.platform): string {
  const who = platform === 'linux' ? 'every process of this user' : 'EVERY USER OF THIS MACHINE';
  return `WARNING: ${url} has NO AUTHENTICATION and NO ENCRYPTION: ${who} can run commands through it`;
}

/**
 * Listens for Ready/Start peers. Only peers of our own uid are served: loopback is not a user.
 * @throws RexaError READY_NOT_LOOPBACK, LISTEN_FAILED
 */
export async function listenReadyStart(options: ReadyStartListenOptions): Promise<ReadyStartListener> {
  const { host, port, service, maxPeers, report, findUid = findSocketUid } = options;
  const [address] = loopbackAddresses(host);
  if (address === undefined) throw new RexaError('READY_NOT_LOOPBACK', [host]);
  const sessions = new Set<ReadyStartSession>();
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  let admitted = 0;
  let isClosing = false;

  async function accept(socket: net.Socket): Promise<void> {
    // What goes wrong with a connection concerns its peer alone.
    socket.on('error', () => {});
    admitted++;
    const { peer, refusal } = await checkPeer(socket, admitted <= maxPeers ? findUid : maxPeers);
    if (refusal === null && !isClosing) await serve(socket, peer);
    else socket.destroy();
    if (refusal !== null) report.handleRefused(peer, refusal);
    admitted--;
  }

  async function serve(socket: net.Socket, peer: ReadyStartPeer): Promise<void> {
    report.handleAccepted(peer);
    const session = serveReadyStart(socket, service, {
      handleCommand: (line) => report.handleCommand(peer, line),
      handleRefusal: (error) => report.handleRefused(peer, error),
    });
    sessions.add(session);
    socket.resume();
    await session.ended;
    sessions.delete(session);
  }

  server.on('connection', (socket) => void accept(socket));
  await listen(server, address, port);
  server.on('error', () => {});
  const shown = net.isIPv6(address) ? `[${address}]` : address;

  return {
    url: `ready://${shown}:${(server.address() as net.AddressInfo).port}`,
    get peers() {
      return sessions.size;
    },
    async close(deadline) {
      isClosing = true;
      server.close();
      for (const session of sessions) session.shutDown();
      void deadline.then(() => {
        for (const session of sessions) session.reset();
      });
      await Promise.all([...sessions].map((session) => session.ended));
    },
  };
}

function listen(server: net.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new RexaError('LISTEN_FAILED', [`ready://${host}:${port}`, cause.message], { cause }));
    });
    server.listen({ host, port }, resolve);
  });
}

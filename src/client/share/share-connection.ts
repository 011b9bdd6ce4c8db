import type { Socket } from 'node:net';
import { acceptLink } from '../../link/accepted-link.ts';
import type { LinkChannel } from '../../link/channel.ts';
import type { Link } from '../../link/link.ts';
import { createLinkRegistry } from '../../link/link-registry.ts';
import { relayChannels } from '../../link/relay-channels.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { PeerInfo } from '../../protocol/hello.ts';
import { checkShape } from '../../protocol/shape.ts';
import { listGrants } from '../../services/forward/messages.ts';
import { unixTransport } from '../../transports/unix.ts';
import type { ForwardingHost } from '../forwarded-channels.ts';
import { type ShareAnswer, type ShareRequest, shareRequestSchema } from './messages.ts';

/** A connection that other processes of this user may use. */
export interface SharedConnection {
  readonly host: ForwardingHost;
  /** What its daemon said of itself. */
  readonly peer: PeerInfo;
  /** Who it is to, as whom, and by which way: clients name the same. */
  readonly key: string;
  /** Whether a client may use it. */
  permit(): Promise<boolean>;
  /** Answers what is asked of the sharing process itself. @throws RexaError */
  answer(request: Exclude<ShareRequest, { ask: 'join' }>): Promise<ShareAnswer>;
  /** Called with 1 for each client that has joined, and with -1 when it is gone. */
  handleUse(clients: 1 | -1): void;
}

/** Serves clients on a control socket. */
export interface ConnectionServer {
  accept(socket: Socket): void;
  /** Ends all clients. */
  leave(reason?: RexaError): Promise<void>;
}

/**
 * Serves the clients of a shared connection: each speaks to this process as to the daemon, and each of its channels is joined
 * with one to the daemon. When the connection is lost for good, so are they.
 */
export function serveConnection(shared: SharedConnection): ConnectionServer {
  const links = new Set<Link>();
  const joined = new Set<Link>();
  // No link waits here for a client that is gone
  const registry = createLinkRegistry(({ body }) => body.giveUp(new RexaError('CLOSED', ['link'])));
  registry.begin();
  const { agent, encoding, features } = shared.peer;

  function accept(socket: Socket): void {
    const link = acceptLink(
      unixTransport(socket),
      { role: 'daemon', agent, encoding: encoding ?? '', features },
      { registry, identity: () => '', resumeForMs: () => 0 },
    );
    links.add(link);
    // A client measures the way to the daemon, by which the windows of its streams grow
    link.answerPings(() => shared.host.link.ping());
    void link.ended.then(() => {
      links.delete(link);
      if (joined.delete(link)) shared.handleUse(-1);
    });
    void serve(link);
  }

  async function serve(link: Link): Promise<void> {
    for (let channel = await link.nextChannel(); channel !== null; channel = await link.nextChannel()) {
      if (channel.request['service'] === 'share') void answer(link, channel);
      else if (joined.has(link)) relayRequest(link, channel);
      else channel.abort({ error: { code: 'SHARE_REFUSED', message: 'the client has not joined' } });
    }
  }

  async function answer(link: Link, channel: LinkChannel): Promise<void> {
    // This process is there; a person, or the daemon, may take longer for the answer
    channel.send({ received: true });
    try {
      const request = checkShape(shareRequestSchema, channel.request, 'open');
      channel.close(request.ask === 'join' ? await join(link, request.key) : await shared.answer(request));
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      channel.abort({ error: { code: error.code, message: error.message } });
    }
  }

  /** @throws RexaError SHARE_REFUSED */
  async function join(link: Link, key: string): Promise<ShareAnswer> {
    if (key !== shared.key) throw new RexaError('SHARE_REFUSED', ['it is another host, user, key or way']);
    if (!(await shared.permit())) throw new RexaError('SHARE_REFUSED', ['its user does not permit it']);
    // A client may be gone before a person has answered, and may ask twice
    if (links.has(link) && !joined.has(link)) {
      joined.add(link);
      shared.handleUse(1);
    }
    return { pid: process.pid };
  }

  function relayRequest(link: Link, channel: LinkChannel): void {
    const { link: outer, forwarded } = shared.host;
    try {
      for (const grant of listGrants(channel.request)) {
        forwarded.relay(grant, (opened) => relayOpened(link, opened));
        void channel.ended.then(() => forwarded.revoke(grant));
      }
      const onward = outer.open(channel.request, []);
      channel.releaseRequest();
      relayChannels(channel, onward);
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      channel.abort({ error: { code: error.code, message: error.message } });
    }
  }

  void shared.host.link.ended.then(() =>
    leave(new RexaError('LINK_LOST', [shared.host.address, 'the shared connection is lost'])),
  );

  async function leave(reason?: RexaError): Promise<void> {
    await Promise.all([...links].map((link) => link.leave(reason)));
  }

  return { accept, leave };
}

/** A channel that the daemon has opened by a grant of this client. */
function relayOpened(link: Link, opened: LinkChannel): void {
  try {
    if (link.isBehind) return opened.abort({});
    relayChannels(opened, link.open(opened.request, []));
  } catch {
    // Its client is gone, or takes no more
    opened.abort({});
  }
}

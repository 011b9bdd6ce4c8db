import { randomUUID } from 'node:crypto';
import type { LinkChannel } from '../link/channel.ts';
import type { Link } from '../link/link.ts';
import { RexaError } from '../protocol/errors.ts';
import { createDispatcher } from '../services/dispatcher.ts';
import type { Service } from '../services/service.ts';

/** What this client lets the daemon of one link open; nothing, unless it was granted by name on this link. */
export interface Grants {
  /** Grants channels of a service. @returns what each of them has to name, as the field `grant` of its request */
  issue(service: Service<string>): string;
  /** Passes on the channels of a grant that another process of this user has issued. */
  relay(grant: string, handle: (channel: LinkChannel) => void): void;
  /** No further channel is opened by this grant. */
  revoke(grant: string): void;
}

/** Answers whatever the daemon of a link opens: a client's own registry is empty, and a grant is its only key. */
export function serveGrants(link: Link, services: readonly Service<string>[] = []): Grants {
  const issued = new Map<string, Service<string>>();
  const relayed = new Map<string, (channel: LinkChannel) => void>();

  async function nextOwn(): Promise<LinkChannel | null> {
    for (let channel = await link.nextChannel(); ; channel = await link.nextChannel()) {
      const relay = relayed.get(String(channel?.request['grant']));
      if (channel === null || relay === undefined) return channel;
      relay(channel);
    }
  }

  const dispatcher = createDispatcher<string>({
    services,
    admit({ principal: grant }, service) {
      if (service === null || issued.get(grant) !== service)
        throw new RexaError('NOT_PERMITTED', ['a daemon', 'a channel that its client has not granted']);
    },
    awaitTurn: async () => ({ started: () => undefined, over: () => undefined }),
    handleMistake: (cause) => new RexaError('INTERNAL', ['in the client'], { cause }),
  });
  void dispatcher.serveLink({ nextChannel: nextOwn }, (channel) => ({
    channel,
    principal: String(channel.request['grant']),
  }));
  return {
    issue(service) {
      const grant = randomUUID();
      issued.set(grant, service);
      return grant;
    },
    relay: (grant, handle) => void relayed.set(grant, handle),
    revoke(grant) {
      issued.delete(grant);
      relayed.delete(grant);
    },
  };
}

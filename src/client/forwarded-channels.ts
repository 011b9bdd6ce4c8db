import type { LinkChannel } from '../link/channel.ts';
import type { Link } from '../link/link.ts';
import type { Call, CallChannel } from '../services/call.ts';
import { defineService } from '../services/define-service.ts';
import { forwardedRequestSchema } from '../services/forward/messages.ts';
import type { AskedHost } from './asked-host.ts';
import { serveGrants } from './grants.ts';

/** The channels that the daemon of one link may open to its client. */
export interface ForwardedChannels {
  /** Grants channels. @param serve gets each of them, and serves it to its end @returns what they have to name */
  grant(serve: (channel: CallChannel) => Promise<void>): string;
  /** Passes on the channels of a grant that another process of this user has issued. */
  relay(grant: string, handle: (channel: LinkChannel) => void): void;
  /** No further channel is opened by this grant. */
  revoke(grant: string): void;
}

/** A host whose daemon may open channels. */
export interface ForwardingHost extends AskedHost {
  /** Looked at with each listener on the host. @throws RexaError READY_COMMAND_REFUSED */
  readonly forwarded: ForwardedChannels;
}

/** Answers what the daemon of a link opens: only what was granted is served. */
export function serveForwarded(link: Link): ForwardedChannels {
  const served = new Map<string, (channel: CallChannel) => Promise<void>>();
  const service = defineService({
    name: 'forwarded',
    schema: forwardedRequestSchema,
    drain: 'serve',
    authorize: (request) => request,
    async serve({ channel, principal: grant }: Call<string>) {
      const serve = served.get(grant);
      // Revoked since the channel was admitted
      if (serve === undefined) channel.abort({});
      else await serve(channel);
    },
  });
  const grants = serveGrants(link, [service]);
  return {
    grant(serve) {
      const grant = grants.issue(service);
      served.set(grant, serve);
      return grant;
    },
    relay: grants.relay,
    revoke(grant) {
      grants.revoke(grant);
      served.delete(grant);
    },
  };
}

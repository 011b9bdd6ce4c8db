import { RexaError } from '../../protocol/errors.ts';
import { defineService } from '../define-service.ts';
import type { Service } from '../service.ts';
import { hostKeysRequestSchema } from './messages.ts';

/** Creates the service `host-keys`: all keys of this host, each proven on the connection of the call; docs/protocol.md, 16. */
export function createHostKeysService(): Service {
  return defineService({
    name: 'host-keys',
    schema: hostKeysRequestSchema,
    // Whoever may log in may know the host
    openToBound: { fields: ['known'], toSessionKeys: true },
    authorize: (request) => request,
    drain: 'serve',
    async serve({ channel, hostKeys }, { request: { known } }) {
      if (hostKeys === undefined)
        throw new RexaError('NOT_PERMITTED', ['this connection', 'keys of the host: it is not over tls://']);
      channel.close({ keys: await hostKeys.show(known) });
    },
  });
}

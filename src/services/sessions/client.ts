import { ask } from '../../client/ask.ts';
import type { AskedHost } from '../../client/asked-host.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { SessionsHost } from './client-types.ts';
import { sessionsAnswerSchema } from './messages.ts';

/** Gives a host its terminal sessions. */
export function hostSessions(host: AskedHost): SessionsHost {
  return {
    async sessions() {
      return (await ask(host, { service: 'sessions' }, sessionsAnswerSchema)).sessions ?? [];
    },
    async endSession(name) {
      const { session } = await ask(host, { service: 'session-end', name }, sessionsAnswerSchema);
      if (session === undefined)
        throw new RexaError('CONTROL_WRONG_SHAPE', ['close', 'session: it is missing']);
      return session;
    },
  };
}

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
    async sessionScreen(name) {
      return (await ask(host, { service: 'session-screen', name }, sessionsAnswerSchema)).screen ?? [];
    },
    async endSession(name) {
      const { session } = await ask(host, { service: 'session-end', name }, sessionsAnswerSchema);
      if (session === undefined)
        throw new RexaError('CONTROL_WRONG_SHAPE', ['close', 'session: it is missing']);
      return session;
    },
    async shareSession(name, key, { mode, for: forMs } = {}) {
      const request = { service: 'session-share', name, key, mode: mode ?? 'view', forMs: forMs ?? null };
      const { shared } = await ask(host, request, sessionsAnswerSchema);
      if (shared === undefined)
        throw new RexaError('CONTROL_WRONG_SHAPE', ['close', 'shared: it is missing']);
      return shared;
    },
    async unshareSession(name, key) {
      const request = { service: 'session-unshare', name, key: key ?? null };
      return (await ask(host, request, sessionsAnswerSchema)).unshared ?? [];
    },
  };
}

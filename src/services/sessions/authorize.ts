import type { Principal } from '../../auth/principal.ts';
import { notPermitted } from '../rights.ts';
import { type AuthorizedRun, authorizeRun } from '../run/authorize.ts';
import type { OpenToBound } from '../service.ts';
import type { OpenSessionRequest } from './messages.ts';

/** What keys may ask that are limited to sessions: those of `rexa-sessions`. Other bound principals may ask nothing. */
export const SESSIONS_OF_BOUND: OpenToBound = {
  fields: ['name', 'open', 'mode', 'session', 'historyLines', 'run'],
  toSessionKeys: true,
  meanings: { record: 'a recording' },
};

/** A request to open a session, as it is to be served. */
export interface AuthorizedSession {
  readonly asked: OpenSessionRequest;
  /** Null: nothing is started for it. */
  readonly run: AuthorizedRun | null;
}

/**
 * Decides on a request for a session. A bound principal may only attach, to what `rexa-sessions` names.
 * @throws RexaError NOT_PERMITTED, and as authorizeRun
 */
export function authorizeSession(asked: OpenSessionRequest, principal: Principal): AuthorizedSession {
  const { name, open, mode } = asked;
  if (!principal.rights.isBound)
    return { asked, run: open === 'existing' ? null : authorizeRun(asked.run, principal) };
  if (open !== 'existing') throw notPermitted(principal, 'a new session');
  if (!mayAttach(principal, name, mode)) throw notPermitted(principal, `to ${mode} the session ${name}`);
  return { asked, run: null };
}

/** Tells whether a principal may attach to a session. Whoever may drive it may look at it. */
export function mayAttach({ rights }: Principal, name: string, mode: OpenSessionRequest['mode']): boolean {
  if (!rights.isBound) return true;
  const found = (rights.sessions ?? []).filter((right) => right.name === name);
  return found.some((right) => right.mode === 'drive' || right.mode === mode);
}

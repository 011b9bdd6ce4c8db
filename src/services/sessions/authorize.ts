import type { Principal } from '../../auth/principal.ts';
import { notPermitted } from '../rights.ts';
import { type AuthorizedRun, authorizeRun } from '../run/authorize.ts';
import type { OpenToBound } from '../service.ts';
import type { OpenSessionRequest } from './messages.ts';

type Mode = OpenSessionRequest['mode'];

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

/** What was taken away from keys that may still be logged in with it. */
export interface TakenAway {
  add(fingerprint: string, name: string): void;
  /** It is shared again. */
  remove(fingerprint: string, name: string): void;
  has(principal: Principal, name: string): boolean;
}

/** Creates the memory of what is not shared any more. */
export function createTakenAway(): TakenAway {
  const taken = new Set<string>();
  return {
    add: (fingerprint, name) => void taken.add(`key:${fingerprint} ${name}`),
    remove: (fingerprint, name) => void taken.delete(`key:${fingerprint} ${name}`),
    has: (principal, name) => principal.rights.isBound && taken.has(`${principal.name} ${name}`),
  };
}

/**
 * Decides on a request for a session. A bound principal may only attach, to what `rexa-sessions` names.
 * @throws RexaError NOT_PERMITTED, and as authorizeRun
 */
export function authorizeSession(
  asked: OpenSessionRequest,
  principal: Principal,
  takenAway: TakenAway,
): AuthorizedSession {
  const { name, open, mode } = asked;
  if (!principal.rights.isBound)
    return { asked, run: open === 'existing' ? null : authorizeRun(asked.run, principal) };
  if (open !== 'existing') throw notPermitted(principal, 'a new session');
  checkAttach(principal, name, mode, takenAway);
  return { asked, run: null };
}

/** Checks whether a principal may attach to a session, or see its screen. @throws RexaError NOT_PERMITTED */
export function checkAttach(principal: Principal, name: string, mode: Mode, takenAway: TakenAway): void {
  if (takenAway.has(principal, name))
    throw notPermitted(principal, `the session ${name}, which is not shared any more,`);
  if (!mayAttach(principal, name, mode, takenAway))
    throw notPermitted(principal, `to ${mode} the session ${name}`);
}

/** Tells whether a principal may attach to a session. Whoever may drive it may look at it. */
export function mayAttach(principal: Principal, name: string, mode: Mode, takenAway: TakenAway): boolean {
  const { isBound, sessions } = principal.rights;
  if (!isBound) return true;
  if (takenAway.has(principal, name)) return false;
  const found = (sessions ?? []).filter((right) => right.name === name);
  return found.some((right) => right.mode === 'drive' || right.mode === mode);
}

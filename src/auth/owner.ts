import { isBound, type Principal } from './principal.ts';

/** Whom ids and jobs belong to: a key, wherever it comes from, or a user of this host. */
export function ownerOf(principal: Principal): string {
  const { uid, login } = principal;
  if (login !== null) return `key:${login.grant.fingerprint}`;
  // Where the system can't tell it is our own user: the socket is nobody else's
  const user = `uid:${uid ?? process.getuid?.() ?? ''}`;
  return isBound(principal) ? `${user}:restrict` : user;
}

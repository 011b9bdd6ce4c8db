import { isBound, type Principal } from './principal.ts';

/** Returns the owner of ids and jobs: a key, from any address, or a user of this host. */
export function ownerOf(principal: Principal): string {
  const { uid, login } = principal;
  if (login !== null) return `key:${login.grant.fingerprint}`;
  // On systems without peer credentials it is the own user, who alone can open the socket
  const user = `uid:${uid ?? process.getuid?.() ?? ''}`;
  return isBound(principal) ? `${user}:restrict` : user;
}

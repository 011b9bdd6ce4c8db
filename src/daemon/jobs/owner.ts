import type { Principal } from '../services/principal.ts';

/** Whom ids and jobs belong to: a key, wherever it comes from, or a user of this host. */
export function ownerOf({ uid, login }: Principal): string {
  // Where the system can't tell it is our own user: the socket is nobody else's
  return login === null ? `uid:${uid ?? process.getuid?.() ?? ''}` : `key:${login.grant.fingerprint}`;
}

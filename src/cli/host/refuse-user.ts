import { namesAccount } from '../../auth/names-account.ts';
import { userName } from '../../places/home-folder.ts';
import { RexaError } from '../../protocol/errors.ts';

/**
 * Commands run as the daemon's own user. All addresses of this version are sockets that belong to our own user and
 * are served by it, so that is the one that may be asked for.
 * @returns USER_REFUSED for another one, else null
 */
export function refuseUser(user: string | null): RexaError | null {
  if (user === null) return null;
  const own = userName();
  return namesAccount(user, own) ? null : new RexaError('USER_REFUSED', [own, user]);
}

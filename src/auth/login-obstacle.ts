import { RexaError } from '../protocol/errors.ts';
import { isNeverMatched } from './address-list.ts';
import type { KeyOptions } from './key-options.ts';

/** Returns why the options of a line let nobody log in, from any address; null if they do not exclude everybody. */
export function findLoginObstacle(options: KeyOptions, nowSeconds: number): string | null {
  if (options.expiresAtSeconds !== null && Math.floor(nowSeconds) > options.expiresAtSeconds)
    return 'its expiry-time has passed';
  if (options.principals !== null && !options.certAuthority)
    return 'it has principals, which only a cert-authority can have';
  const admitting = options.from?.filter(({ negated }) => !negated);
  if (admitting?.every(isNeverMatched))
    return 'its from= has no address or network (host names are not resolved)';
  return null;
}

/**
 * Checks the options of a line that is to be added: each must have an effect.
 * @throws RexaError KEY_OPTION_INVALID for a time in the past, and for a host name in `from`
 */
export function checkNewOptions({ expiresAtSeconds, from }: KeyOptions, nowSeconds: number): void {
  if (expiresAtSeconds !== null && nowSeconds > expiresAtSeconds)
    throw new RexaError('KEY_OPTION_INVALID', ['expiry-time', 'this time has passed']);
  for (const pattern of from ?? []) {
    if (!isNeverMatched(pattern)) continue;
    const text = 'wildcards' in pattern.is ? pattern.is.wildcards : '';
    const reason = `'${text}' is not an address or a network, and host names are not resolved`;
    throw new RexaError('KEY_OPTION_INVALID', ['from', reason]);
  }
}

import { namePrincipal, type Principal } from '../auth/principal.ts';
import { RexaError } from '../protocol/errors.ts';
import type { Facts } from '../runtime/log.ts';
import type { Service } from './service.ts';

/** Fields that ask for nothing while they have these values, whichever they are. */
const HARMLESS_VALUES: readonly unknown[] = [undefined, null, false];

/**
 * Checks whether a principal may ask a service at all, now, and for this. What a service does not name as open to bound
 * principals is refused to them.
 * @param request null: it was not read yet
 * @throws RexaError LOGIN_EXPIRED, NOT_PERMITTED
 */
export function checkRights(
  { name, openToBound }: Pick<Service, 'name' | 'openToBound'>,
  principal: Principal,
  request: Facts | null,
  nowSeconds: number,
): void {
  checkExpiry(principal, nowSeconds);
  if (!principal.rights.isBound) return;
  if (openToBound === null) throw notPermitted(principal, name);
  if (principal.rights.sessions !== null && openToBound.toSessionKeys !== true)
    throw notPermitted(principal, name);
  const { fields, harmless = {}, meanings = {} } = openToBound;
  for (const [field, value] of Object.entries(request ?? {})) {
    if (field === 'service' || fields.includes(field) || HARMLESS_VALUES.includes(value)) continue;
    if (Object.hasOwn(harmless, field) && harmless[field] === value) continue;
    throw notPermitted(principal, meanings[field] ?? `a ${name} with ${field}`);
  }
}

/** @throws RexaError LOGIN_EXPIRED */
export function checkExpiry(principal: Principal, nowSeconds: number): void {
  const { expiresAtSeconds, proof } = principal;
  if (expiresAtSeconds !== null && nowSeconds >= expiresAtSeconds)
    throw new RexaError('LOGIN_EXPIRED', [proof.kind === 'key' ? proof.fingerprint : principal.name]);
}

/** The error for what the rights of a principal do not hold. */
export function notPermitted(principal: Principal, what: string): RexaError {
  return new RexaError('NOT_PERMITTED', [namePrincipal(principal), what]);
}

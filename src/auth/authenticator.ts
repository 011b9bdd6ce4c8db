import type { RexaError } from '../protocol/errors.ts';
import type { Login } from '../protocol/login.ts';
import type { Facts } from '../runtime/log.ts';
import { type Principal, peerPrincipal } from './principal.ts';

/**
 * Finds out who is at the other end of one transport: offers come in, a choice goes out, a proof comes in, and at the end
 * there is a principal or a refusal.
 */
export interface Authentication {
  /** What is known before the client has said anything: the system says whose process it is. Null: it has to log in. */
  readonly known: Admitted | Refused | null;
  /** Goes on with what the client has said; null where it named nobody. Never throws. */
  hear(login: Login | null): Promise<AuthenticationStep>;
}

/** What becomes of what a client has said. */
export type AuthenticationStep =
  | Admitted
  /** The offer of this number is to be proven. */
  | { readonly kind: 'chosen'; readonly offer: number }
  | Refused;

/** It may come in. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly principal: Principal;
}

/** It may not come in. */
export interface Refused {
  readonly kind: 'refused';
  /** What the client is told. */
  readonly error: RexaError;
  /** What the log and the audit are told. */
  readonly facts: Facts;
}

/** Authenticates a process of this host by what the system says of it. @param refusal why it may not come in */
export function authenticatePeer(
  peer: { readonly uid: number | null; readonly pid: number | null },
  account: string,
  refusal: RexaError | null,
): Authentication {
  const known: Admitted | Refused =
    refusal === null
      ? { kind: 'admitted', principal: peerPrincipal(peer, account) }
      : { kind: 'refused', error: refusal, facts: { ...peer, code: refusal.code } };
  return { known, hear: async () => known };
}

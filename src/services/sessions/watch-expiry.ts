import type { Principal } from '../../auth/principal.ts';
import type { RexaError } from '../../protocol/errors.ts';
import { checkExpiry } from '../rights.ts';

/** A timer of Node's counts 31 bits of milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

/** Waits until the login of a principal expires. */
export function watchExpiry(principal: Principal): {
  readonly expired: Promise<RexaError>;
  stop(): void;
} {
  const { promise: expired, resolve } = Promise.withResolvers<RexaError>();
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    const { expiresAtSeconds } = principal;
    if (expiresAtSeconds === null) return;
    try {
      checkExpiry(principal, Date.now() / 1000);
    } catch (error) {
      return resolve(error as RexaError);
    }
    const leftMs = Math.max(1, expiresAtSeconds * 1000 - Date.now());
    timer = setTimeout(look, Math.min(leftMs, LONGEST_MS));
  }

  look();
  return { expired, stop: () => clearTimeout(timer) };
}

import type { Principal } from '../auth/principal.ts';
import { describeCause } from '../protocol/caused-by.ts';
import { type ErrorCode, RexaError } from '../protocol/errors.ts';
import type { Facts } from '../runtime/log.ts';

/** What services may write into the audit. */
export interface AuditLines {
  /** The file that the lines go to; null: the log. */
  readonly place: string | null;
  write(event: string, facts: Facts): void;
  /** The same, where a daemon that is dead has written. */
  writeTo(place: string | null, event: string, facts: Facts): void;
  /** Writes who did what. */
  note(event: string, principal: Principal, facts: Facts): void;
}

/** Describes an error for the audit. */
export function describeError(error: unknown): { readonly code: ErrorCode | null; readonly reason: string } {
  return {
    code: error instanceof RexaError ? error.code : null,
    reason: describeCause(error),
  };
}

import type { Intake, RequestBudget } from '../../protocol/intake.ts';
import { MAX_BEFORE_LOGIN_BYTES, MAX_MESSAGE_BYTES, MAX_MESSAGE_ITEMS } from '../../protocol/limits.ts';
import { MAX_REQUEST_ITEMS } from '../limits.ts';
import type { Account } from './ledger.ts';

/**
 * What a client of the daemon may send, charged to its account.
 * @param account null before the login: then no request is looked at yet
 */
export function createAccountIntake(account: () => Account | null): Intake {
  const budget: RequestBudget = {
    take: (bytes) => account()?.take('requestBytes', bytes) ?? false,
    giveBack: (bytes) => account()?.giveBack('requestBytes', bytes),
    get totalBytes() {
      return account()?.mostOf('requestBytes') ?? 0;
    },
  };
  return {
    get maxRequestBytes() {
      return account()?.allowance.maxRequestBytes ?? MAX_BEFORE_LOGIN_BYTES;
    },
    maxRequestItems: MAX_REQUEST_ITEMS,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxMessageItems: MAX_MESSAGE_ITEMS,
    budget,
  };
}

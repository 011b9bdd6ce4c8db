import type { Principal } from '../../auth/principal.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { Bill, Costs, Resource } from '../../services/service.ts';
import type { Ledger } from './ledger.ts';

/**
 * Takes what something costs its principal besides its call.
 * @param what names it in the message
 * @throws RexaError QUOTA_EXHAUSTED
 */
export function charge(ledger: Ledger, principal: Principal, costs: Costs, what: string): Bill {
  const account = ledger.account(principal);
  const bill = account.takeAll(costs);
  if (bill !== null) return bill;
  const [resource = 'channels'] = Object.keys(costs) as Resource[];
  throw new RexaError('QUOTA_EXHAUSTED', [account.mostOf(resource), what]);
}

import { RexaError } from '../protocol/errors.ts';
import type { ForwardPolicy } from '../services/forward/authorize.ts';
import type { Forwarding } from '../services/forward/carry.ts';
import type { Resource } from '../services/service.ts';
import type { Ledger } from './accounts/ledger.ts';

/** Charges forwarding to the accounts of a daemon. @param policy read at each request @param isPeerPort as of `Forwarding` */
export function makeForwarding(
  ledger: Ledger,
  policy: () => ForwardPolicy,
  isPeerPort: Forwarding['isPeerPort'],
): Forwarding {
  return {
    isPeerPort,
    get policy() {
      return policy();
    },
    charge(principal, costs, what) {
      const account = ledger.account(principal);
      const bill = account.takeAll(costs);
      if (bill !== null) return bill;
      const [resource = 'forwards'] = Object.keys(costs) as Resource[];
      throw new RexaError('QUOTA_EXHAUSTED', [account.mostOf(resource), what]);
    },
  };
}

import type { ForwardPolicy } from '../services/forward/authorize.ts';
import type { Forwarding } from '../services/forward/carry.ts';
import { charge } from './accounts/charge.ts';
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
    charge: (principal, costs, what) => charge(ledger, principal, costs, what),
  };
}

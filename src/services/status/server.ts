import { ASK_COSTS } from '../../daemon/accounts/ledger.ts';
import type { Service } from '../service.ts';
import type { DaemonStatus } from './messages.ts';

/** The service `status`: what the daemon is doing; docs/protocol.md, 11. */
export function createStatusService(describe: () => DaemonStatus): Service {
  return {
    name: 'status',
    open: (channel) => ({
      costs: ASK_COSTS,
      async serve() {
        channel.close({ status: describe() });
      },
    }),
  };
}

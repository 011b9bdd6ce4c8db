import { setTimeout as sleep } from 'node:timers/promises';
import { RexaError } from '../../protocol/errors.ts';
import type { Messages } from '../output/messages.ts';
import type { ProcessContext } from '../run/run-plan.ts';

type Open = ProcessContext['open'];

/** Between two attempts, as in ssh. */
const PAUSE_MS = 1_000;
/** A host that was not there may be there a second later. One that answered and refused will do so again. */
const PASSING: readonly unknown[] = ['CONNECT_FAILED', 'CONNECT_TIMEOUT'];

/** Opens a host, in so many attempts (`ConnectionAttempts`). */
export function retryOpen(open: Open, attempts: number, messages: Messages, pauseMs = PAUSE_MS): Open {
  return async (address, options) => {
    for (let left = attempts - 1; ; left--) {
      try {
        return await open(address, options);
      } catch (error) {
        const isPassing = error instanceof RexaError && PASSING.includes(error.code);
        if (!isPassing || left <= 0) throw error;
        messages.debug(1, `${error.message}; attempts left: ${left}`);
        await sleep(pauseMs);
      }
    }
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { RECONNECT_FOR_MS } from '../../client/limits.ts';
import type { Messages } from '../output/messages.ts';
import type { ConductedRun } from '../run/run-plan.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Asks until the answer is the job's, and not that the connection was lost: for what changes nothing, and may so be asked
 * of the next daemon when one was killed, restarted or replaced. Given up so long after the loss as a connection is.
 */
export async function askAgainIfLost(
  ask: () => Promise<ConductedRun>,
  messages: Messages,
  mayAsk: () => boolean = () => true,
): Promise<ConductedRun> {
  let ended = await ask();
  let untilMs = performance.now() + RECONNECT_FOR_MS;
  let isLost = ended.result.code === 'LINK_LOST';
  let pauseMs = FIRST_PAUSE_MS;
  while (isLost && ended.cause === null && !ended.left && mayAsk() && performance.now() < untilMs) {
    messages.debug(1, `${ended.result.reason}; asking again in ${pauseMs} ms`);
    await sleep(pauseMs);
    const next = await ask();
    const isReached = next.result.outcome !== 'unreachable';
    isLost = next.result.code === 'LINK_LOST' || !isReached;
    pauseMs = isReached ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    if (isReached) untilMs = performance.now() + RECONNECT_FOR_MS;
    // Until a daemon answers, the loss is the result.
    if (isReached || next.cause !== null) ended = next;
  }
  return ended;
}

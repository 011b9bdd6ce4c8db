import { setTimeout as sleep } from 'node:timers/promises';
import { RECONNECT_FOR_MS } from '../../protocol/limits.ts';
import type { Messages } from './messages.ts';
import type { ConductedRun } from './run-plan.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Asks until the answer is the job's, and not that the connection was lost: for what changes nothing, and may so be asked
 * of the next daemon when one was killed, restarted or replaced. Given up so long after the loss as a connection is.
 */
export async function askAgainIfLost(
  ask: () => Promise<ConductedRun>,
  messages: Messages,
): Promise<ConductedRun> {
  let ended = await ask();
  const untilMs = performance.now() + RECONNECT_FOR_MS;
  let isLost = ended.result.code === 'LINK_LOST';
  for (
    let pauseMs = FIRST_PAUSE_MS;
    isLost && ended.cause === null && performance.now() < untilMs;
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
  ) {
    messages.debug(1, `${ended.result.reason}; asking again in ${pauseMs} ms`);
    await sleep(pauseMs);
    const next = await ask();
    isLost = next.result.code === 'LINK_LOST' || next.result.outcome === 'unreachable';
    // Until somebody answers, the loss is what there is to tell.
    if (next.result.outcome !== 'unreachable' || next.cause !== null) ended = next;
  }
  return ended;
}

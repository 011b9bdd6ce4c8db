import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { DRAIN_RETRY_MS } from '../limits.ts';
import type { Messages } from '../output/messages.ts';
import type { ConductedRun } from '../run/run-plan.ts';

/**
 * Asks again while a daemon that shuts down takes nothing new, and then until the next one answers: nothing of the request
 * was run, so that it is no other run. Given up after the time that a connection may take.
 */
export async function askNextDaemon(
  ask: () => Promise<ConductedRun>,
  timeoutMs: number | undefined,
  messages: Messages,
): Promise<ConductedRun> {
  const untilMs = performance.now() + (timeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
  let ended = await ask();
  if (!isShuttingDown(ended)) return ended;
  messages.warn(`${ended.result.reason}; waiting for the new daemon`);
  while (isRefused(ended) && performance.now() < untilMs) {
    await sleep(DRAIN_RETRY_MS);
    ended = await ask();
  }
  return ended;
}

function isShuttingDown({ result, cause }: ConductedRun): boolean {
  return cause === null && result.code === 'SHUTTING_DOWN';
}

/** The daemon has left meanwhile, and the next one does not listen yet. */
function isRefused(ended: ConductedRun): boolean {
  return isShuttingDown(ended) || (ended.cause === null && ended.result.outcome === 'unreachable');
}

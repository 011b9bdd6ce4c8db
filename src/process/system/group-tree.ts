import { setTimeout as sleep } from 'node:timers/promises';
import { SURVIVOR_WAIT_MS } from '../../protocol/limits.ts';
import { startAwakeTimer } from '../../runtime/awake-timer.ts';
import type { ProcessTree } from './process-tree.ts';

/** The longest wait between two looks. */
const LONGEST_LOOK_MS = 50;

/**
 * The stated fallback where there is no /proc: all that can be signalled at once, the process group on Unix and
 * what taskkill finds on Windows. A process that left the group is neither found nor named.
 * @param send signals the whole; false when nothing is there any more (kill(2) of the group; 0 only asks)
 */
export function createGroupTree(pid: number, send: (signal: NodeJS.Signals | 0) => boolean): ProcessTree {
  async function isGoneWithin(forMs: number): Promise<boolean> {
    const timer = startAwakeTimer(() => undefined, forMs);
    try {
      for (let waitMs = 1; send(0); waitMs = Math.min(waitMs * 2, LONGEST_LOOK_MS)) {
        if (timer.leftMs <= 0) return false;
        await sleep(waitMs);
      }
      return true;
    } finally {
      timer.stop();
    }
  }

  return {
    async end(graceMs) {
      if (graceMs > 0) {
        send('SIGTERM');
        send('SIGCONT');
        if (await isGoneWithin(graceMs)) return [];
      }
      send('SIGKILL');
      return (await isGoneWithin(SURVIVOR_WAIT_MS)) ? [] : [pid];
    },
  };
}

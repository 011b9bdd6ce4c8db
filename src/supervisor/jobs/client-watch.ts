import type { Lifetime } from '../../protocol/job.ts';
import { type AwakeTimer, startAwakeTimer } from '../../runtime/awake-timer.ts';
import { JOB_CLIENT_GRACE_MS } from '../limits.ts';

/** Whether a job has a client, and what becomes of it without one. */
export interface ClientWatch {
  join(): void;
  /** @param isGone it said that it will not come again; else it may just have lost its connection */
  leave(isGone: boolean): void;
  /** The job has ended: nothing is waited for any more. */
  stop(): void;
}

/**
 * | lifetime    | the last client is gone       | the last client was lost        |
 * |-------------|-------------------------------|---------------------------------|
 * | with-client | the tree is ended at once     | it is ended after a grace       |
 * | linger      | it is ended after its time    | it is ended after its time      |
 * | detached    | nothing                       | nothing                         |
 *
 * @param end ends the job; why goes on after "the command was canceled"
 */
export function createClientWatch(lifetime: Lifetime, end: (why: string) => void): ClientWatch {
  let clients = 0;
  let timer: AwakeTimer | null = null;

  return {
    join() {
      clients++;
      timer?.stop();
    },
    leave(isGone) {
      clients--;
      const waitMs = waitOf(lifetime, isGone);
      if (clients > 0 || waitMs === null) return;
      if (waitMs === 0) end(': its client is gone');
      else timer = startAwakeTimer(() => end(`: no client came for ${waitMs / 1000} s`), waitMs);
    },
    stop() {
      clients = Number.POSITIVE_INFINITY;
      timer?.stop();
    },
  };
}

/** Null: for ever. */
function waitOf(lifetime: Lifetime, isGone: boolean): number | null {
  if (lifetime === 'detached') return null;
  if (lifetime === 'with-client') return isGone ? 0 : JOB_CLIENT_GRACE_MS;
  return lifetime.lingerMs;
}

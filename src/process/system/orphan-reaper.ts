import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { SystemCalls } from './system-calls.ts';

/** The channel on which Node tells of every child process that it makes. */
const CHANNEL = 'child_process';

/**
 * Makes this process the parent of its orphaned descendants and waits for those that end, so that no zombies pile
 * up. Must be called before anything is spawned: children of Node are known by what it tells from then on, whoever
 * starts them, and are left to it. A native module that forks in its own way has no place beside this.
 * @returns what stops it
 */
export function startOrphanReaper(system: SystemCalls): () => void {
  if (!system.becomeSubreaper()) return () => undefined;
  const ofNode = new Map<number, ChildProcess>();

  function learn(message: unknown): void {
    const child = (message as { process: ChildProcess }).process;
    // Told before the spawn; the pid is there when the caller's code has run, and no SIGCHLD is seen before that
    queueMicrotask(() => {
      const { pid } = child;
      if (pid === undefined) return;
      ofNode.set(pid, child);
      child.once('exit', () => {
        // Another child may have the pid by now
        if (ofNode.get(pid) === child) ofNode.delete(pid);
      });
    });
  }

  function reap(): void {
    for (let pid = system.findDeadChild(); pid !== null; pid = system.findDeadChild()) {
      // It ended after libuv looked for its children. Its own SIGCHLD is still to come, and with it we come again
      if (ofNode.has(pid)) return;
      system.reapChild(pid);
    }
  }

  subscribe(CHANNEL, learn);
  process.on('SIGCHLD', reap);
  return () => {
    unsubscribe(CHANNEL, learn);
    process.off('SIGCHLD', reap);
  };
}

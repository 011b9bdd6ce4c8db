import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ChildEnd, SystemCalls } from './system-calls.ts';

/** The channel on which Node tells of every child process that it makes. */
const CHANNEL = 'child_process';

/** Waits for the children of this process, those of Node excepted: each exit status has one owner. */
export interface ChildReaper {
  /** Calls `handleEnd` once, when this child has ended and was waited for: from then on its pid may be another's. */
  watch(pid: number, handleEnd: (end: ChildEnd) => void): void;
  /**
   * Leaves children that are not known alone until the returned function is called: one of them may be the child of a
   * spawn that has not told its pid yet.
   */
  holdUnknown(): () => void;
  /** Looks whether this child has ended, though no SIGCHLD has told of it yet: then its `handleEnd` is called. */
  look(pid: number): void;
  stop(): void;
}

export interface ReaperOptions {
  /**
   * Whether this process becomes the parent of its orphaned descendants and waits for them, so that no zombies pile up.
   * Then nothing may have been spawned before: the children of Node are known by what it tells from here on, whoever
   * starts them. A native module that forks in its own way has no place beside this.
   */
  readonly adoptsOrphans: boolean;
}

export function startChildReaper(system: SystemCalls, { adoptsOrphans }: ReaperOptions): ChildReaper {
  const isParentOfOrphans = adoptsOrphans && system.becomeSubreaper();
  const watched = new Map<number, (end: ChildEnd) => void>();
  const ofNode = new Map<number, ChildProcess>();
  let holds = 0;
  let hasHeld = false;

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

  function reapWatched(pid: number): void {
    const end = system.reapChild(pid);
    if (end === null) return;
    const handleEnd = watched.get(pid);
    watched.delete(pid);
    handleEnd?.(end);
  }

  /** The kernel names one dead child at a time, and the same one until it was waited for. */
  function reap(): void {
    for (let pid = system.findDeadChild(); pid !== null; pid = system.findDeadChild()) {
      if (watched.has(pid)) {
        reapWatched(pid);
        continue;
      }
      if (isParentOfOrphans && holds === 0 && !ofNode.has(pid)) {
        system.reapChild(pid);
        continue;
      }
      // Not ours to wait for, or not yet. A child of Node brings its own SIGCHLD, and with it we come again. What is
      // behind it is looked at one by one
      hasHeld = holds > 0;
      for (const other of watched.keys()) reapWatched(other);
      return;
    }
  }

  if (isParentOfOrphans) subscribe(CHANNEL, learn);
  process.on('SIGCHLD', reap);
  return {
    watch: (pid, handleEnd) => void watched.set(pid, handleEnd),
    look(pid) {
      if (watched.has(pid)) reapWatched(pid);
    },
    holdUnknown() {
      holds += 1;
      return () => {
        holds -= 1;
        if (holds > 0 || !hasHeld) return;
        hasHeld = false;
        // Not now: whoever has just heard of its child has still to listen for its end
        setImmediate(reap);
      };
    },
    stop() {
      if (isParentOfOrphans) unsubscribe(CHANNEL, learn);
      process.off('SIGCHLD', reap);
    },
  };
}

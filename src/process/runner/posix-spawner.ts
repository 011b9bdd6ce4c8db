import { MAX_SPAWNS_ASIDE, SPAWNS_PER_TRIM } from '../limits.ts';
import type { ChildReaper } from '../system/child-reaper.ts';
import type { PosixSpawn, SpawnPlan } from '../system/system-calls.ts';
import { makePosixChild, type PosixChild } from './posix-child.ts';

/** Makes child processes by posix_spawn(3), with one reaper for all of them. */
export interface PosixSpawner {
  /**
   * Never throws: how it went is told by `spawn` or `error`, in the next tick at the earliest. Without waiting in between, the
   * pid is there at once.
   * @param file the program's name, for errors
   */
  spawn(plan: SpawnPlan, file: string): PosixChild;
  /** Tells of the end of a child now, if it has ended. */
  noticeEnd(pid: number): void;
}

/**
 * One spawn in each turn of the event loop is done at once: that is the quickest for a single command. Others of that turn are
 * done in other threads, so that a crowd of them does not stop everything else.
 */
export function createPosixSpawner(posixSpawn: PosixSpawn, reaper: ChildReaper): PosixSpawner {
  const waiting: (() => void)[] = [];
  let aside = 0;
  let hasSpawned = false;
  let untrimmed = 0;

  function spawnNow(plan: SpawnPlan, settle: (pidOrError: number) => void): void {
    hasSpawned = true;
    setImmediate(() => {
      hasSpawned = false;
    });
    settle(posixSpawn.spawn(plan));
  }

  function spawnAside(plan: SpawnPlan, settle: (pidOrError: number) => void): void {
    posixSpawn.spawnAside(plan, (pidOrError) => {
      aside -= 1;
      settle(pidOrError);
      release();
      waiting.shift()?.();
    });
    aside += 1;
    const release = reaper.holdUnknown();
  }

  function countSpawn(): void {
    untrimmed += 1;
    if (untrimmed < SPAWNS_PER_TRIM) return;
    untrimmed = 0;
    posixSpawn.trimMemory();
  }

  return {
    spawn(plan, file) {
      countSpawn();
      const { child, settle } = makePosixChild(reaper, file);
      if (!hasSpawned && aside === 0) {
        spawnNow(plan, settle);
      } else if (aside < MAX_SPAWNS_ASIDE) {
        spawnAside(plan, settle);
      } else {
        waiting.push(() => spawnAside(plan, settle));
      }
      return child;
    },
    noticeEnd: reaper.look,
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { SURVIVOR_WAIT_MS } from '../../protocol/limits.ts';
import { type ProcessEntry, type ProcessTable, readProcess, readProcessTable } from './process-table.ts';

/** The processes of one run, whatever they did to get away. */
export interface ProcessTree {
  /** The pids that are alive, the command's own included. */
  readonly members: () => readonly number[];
  /**
   * Ends them all: SIGTERM, and SIGKILL for those still there after `graceMs`. Returns as soon as all are gone.
   * @returns the pids still there SURVIVOR_WAIT_MS after SIGKILL: of another user, or stuck in the kernel
   */
  readonly end: (graceMs: number) => Promise<readonly number[]>;
}

/** What a run's processes are known by. */
export interface TreeMark {
  /** The command's pid, which is also its session's and its process group's. */
  readonly pid: number;
  /** The command's start time (ProcessEntry.startTime). */
  readonly startTime: number;
  /** The value of REXA_RUN_ID: no other run of this host may have it. */
  readonly runId: string;
}

/** How long a table of all processes may be shared between the trees that are ended at the same time. */
const SHARED_TABLE_MS = 10;
/** The longest wait between two looks. */
const LONGEST_LOOK_MS = 50;
/** A process can fork behind the back of one look through /proc, so it takes two to believe that nobody is there. */
const ENOUGH_EMPTY_LOOKS = 2;
/** Processes that fork while they are stopped: how often they are looked for anew before the kill. */
const FREEZE_ROUNDS = 10;

/**
 * The tree of a command that was started with `detached` and REXA_RUN_ID, on Linux with /proc. A process belongs
 * to it by descent, by its session or process group, or by its environment: so one that called setsid and lost its
 * parent is found. Only one that also emptied its environment, before the tree was ended, is not.
 */
export function createProcessTree(mark: TreeMark): ProcessTree {
  /** pid and start time of those that were found. Who was a member once is one for ever, whatever becomes of its parent. */
  const known = new Map<number, number>();
  const told = new Set<number>();
  const killed = new Set<number>();

  function look(notBefore?: number): readonly ProcessEntry[] {
    const found = findMembers(readProcessTable(notBefore), mark, known);
    for (const { pid, startTime } of found) known.set(pid, startTime);
    return found;
  }

  function tell(members: readonly ProcessEntry[]): void {
    const pids = new Set(members.map(({ pid }) => pid));
    for (const member of members) {
      if (told.has(member.pid)) continue;
      // Started by one that was told and lives on: that is how it cleans up, and it gets the grace too
      if (told.has(member.parent) && pids.has(member.parent)) continue;
      sendSignal(member, 'SIGTERM');
      // A stopped process sees the signal only when it goes on
      sendSignal(member, 'SIGCONT');
    }
    for (const { pid } of members) told.add(pid);
  }

  function kill(members: readonly ProcessEntry[]): void {
    const isForking = killed.size > 0 && members.some(({ pid }) => !killed.has(pid));
    for (const member of isForking ? freeze(members) : members) {
      sendSignal(member, 'SIGKILL');
      killed.add(member.pid);
    }
  }

  /** Stops all before any is killed: a stopped process forks no more. @returns all that were found meanwhile */
  function freeze(members: readonly ProcessEntry[]): readonly ProcessEntry[] {
    const stopped = new Set<number>();
    let found = members;
    for (let round = 0; round < FREEZE_ROUNDS; round += 1) {
      const running = found.filter(({ pid }) => !stopped.has(pid));
      if (running.length === 0) break;
      for (const member of running) {
        sendSignal(member, 'SIGSTOP');
        stopped.add(member.pid);
      }
      found = look();
    }
    return found;
  }

  /** Looks and acts until nobody is left or the time is over. @returns who is left */
  async function attend(
    forMs: number,
    act: (members: readonly ProcessEntry[]) => void,
  ): Promise<readonly ProcessEntry[]> {
    const deadline = performance.now() + forMs;
    let actedAt = 0;
    let emptyLooks = 0;
    for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, LONGEST_LOOK_MS)) {
      const members = look(Math.max(actedAt, performance.now() - SHARED_TABLE_MS));
      emptyLooks = members.length === 0 ? emptyLooks + 1 : 0;
      if (emptyLooks === ENOUGH_EMPTY_LOOKS) return [];
      act(members);
      actedAt = performance.now();
      if (actedAt >= deadline) return members;
      await sleep(Math.min(waitMs, deadline - actedAt));
    }
  }

  return {
    members: () => look().map(({ pid }) => pid),
    async end(graceMs) {
      if (graceMs > 0 && (await attend(graceMs, tell)).length === 0) return [];
      const survivors = await attend(SURVIVOR_WAIT_MS, kill);
      return survivors.map(({ pid }) => pid);
    },
  };
}

/**
 * The living members of a tree.
 * @param known pid → start time of those that were members before
 */
export function findMembers(
  table: ProcessTable,
  mark: TreeMark,
  known: ReadonlyMap<number, number>,
): readonly ProcessEntry[] {
  const leader = table.get(mark.pid);
  // A pid is not given away while it is the number of a session or a group; if it was, ours are empty
  const isReused = leader !== undefined && leader.startTime !== mark.startTime;
  const isRoot = (entry: ProcessEntry) =>
    known.get(entry.pid) === entry.startTime ||
    (!isReused && (entry.session === mark.pid || entry.group === mark.pid)) ||
    (entry.startTime >= mark.startTime && table.runIdOf(entry.pid) === mark.runId);

  const members = new Map<number, ProcessEntry>();
  const waiting = table.processes.filter((entry) => entry.isAlive && isTouchable(entry.pid) && isRoot(entry));
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    if (members.has(entry.pid)) continue;
    members.set(entry.pid, entry);
    waiting.push(...table.childrenOf(entry.pid).filter((child) => child.isAlive && isTouchable(child.pid)));
  }
  return [...members.values()];
}

/** Never ourselves, never init, and never 0 or -1, which would mean whole groups. */
function isTouchable(pid: number): boolean {
  return pid > 1 && pid !== process.pid;
}

/** Signals the process that was seen, and no other that got its pid meanwhile. One that may not be signalled is left. */
function sendSignal(entry: ProcessEntry, signal: NodeJS.Signals): void {
  if (readProcess(entry.pid)?.startTime !== entry.startTime) return;
  try {
    process.kill(entry.pid, signal);
  } catch {
    // ESRCH: it is gone. EPERM: it belongs to another user, and is named as a survivor in the end
  }
}

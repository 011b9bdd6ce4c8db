import { setTimeout as sleep } from 'node:timers/promises';
import { SURVIVOR_WAIT_MS } from '../../protocol/limits.ts';
import { startAwakeTimer } from '../../runtime/awake-timer.ts';
import { type ProcessEntry, readProcessTable } from './process-table.ts';
import { createTraces, signalProcess, type TreeMark } from './tree-traces.ts';

/** The processes of one run, whatever they did to get away. */
export interface ProcessTree {
  /**
   * Ends them all: SIGTERM, and SIGKILL for those still there after `graceMs`. Returns as soon as all are gone.
   * @returns the pids still there SURVIVOR_WAIT_MS after SIGKILL: of another user, or stuck in the kernel
   */
  readonly end: (graceMs: number) => Promise<readonly number[]>;
}

/** The longest wait between two looks. */
const LONGEST_LOOK_MS = 50;
/** A torn table is accepted after so many looks: on a busy host every table is. */
const ENOUGH_TORN_LOOKS = 10;
/** Processes that fork while they are stopped: how often they are looked for anew before the kill. */
const FREEZE_ROUNDS = 10;

/**
 * The tree of a command that was started with `detached` and REXA_RUN_ID, on Linux with /proc. A process belongs
 * to it by descent, by its session or process group, or by its environment: so one that called setsid and lost its
 * parent is found. Not found is one that did all of it before the tree was ended: left the session, lost its parent,
 * emptied its environment; nor one that goes on leaving its session and dying faster than it can be looked at.
 */
export function createProcessTree(mark: TreeMark): ProcessTree {
  const traces = createTraces(mark);
  const told = new Set<number>();
  const killed = new Set<number>();

  function tell(members: readonly ProcessEntry[]): void {
    const living = new Map(members.map((member) => [member.pid, member]));
    /** Descends from one that was told and lives on: that is how it cleans up, for as long as it does. */
    function cleansUp({ parent }: ProcessEntry): boolean {
      const starter = living.get(parent);
      return starter !== undefined && (told.has(parent) || cleansUp(starter));
    }
    const untold = members.filter((member) => !told.has(member.pid) && !cleansUp(member));
    for (const member of untold) {
      signalProcess(member, 'SIGTERM');
      // A stopped process sees the signal only when it goes on
      signalProcess(member, 'SIGCONT');
      told.add(member.pid);
    }
  }

  function kill(members: readonly ProcessEntry[]): void {
    const isForking = killed.size > 0 && members.some(({ pid }) => !killed.has(pid));
    const all = isForking ? freeze(members) : members;
    traces.killGroups();
    for (const member of all) {
      signalProcess(member, 'SIGKILL');
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
        signalProcess(member, 'SIGSTOP');
        stopped.add(member.pid);
      }
      found = traces.look(readProcessTable());
    }
    return found;
  }

  /**
   * Looks and acts until all are gone, or the time is over: then those that are left, as far as they are seen. The time in
   * which this process was stopped does not count: the others may have been stopped with it.
   */
  async function attend(
    forMs: number,
    act: (members: readonly ProcessEntry[]) => void,
  ): Promise<readonly ProcessEntry[] | 'gone'> {
    const timer = startAwakeTimer(() => undefined, forMs);
    let actedAt = 0;
    let lastQuiet: string | null = null;
    let tornLooks = 0;
    try {
      for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, LONGEST_LOOK_MS)) {
        const table = readProcessTable(actedAt);
        const members = traces.look(table);
        // A process can fork behind the back of one look, so the tree counts as empty after two equal looks
        const quiet = members.length === 0 ? traces.describeQuiet(table) : null;
        if (quiet !== null && table.isTorn && tornLooks < ENOUGH_TORN_LOOKS) tornLooks += 1;
        else if (quiet !== null && quiet === lastQuiet) return 'gone';
        lastQuiet = quiet;
        act(members);
        actedAt = performance.now();
        if (timer.leftMs <= 0) return members;
        await sleep(quiet === null ? Math.min(waitMs, forMs) : 1);
      }
    } finally {
      timer.stop();
    }
  }

  return {
    async end(graceMs) {
      if (graceMs > 0 && (await attend(graceMs, tell)) === 'gone') return [];
      const left = await attend(SURVIVOR_WAIT_MS, kill);
      return left === 'gone' ? [] : left.map(({ pid }) => pid);
    },
  };
}

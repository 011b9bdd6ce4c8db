import { type ProcessEntry, type ProcessTable, readProcess } from './process-table.ts';

/** What a run's processes are known by. */
export interface TreeMark {
  /** The command's pid, which is also its session's and its process group's. */
  readonly pid: number;
  /** The value of REXA_RUN_ID: no other run of this host may have it. */
  readonly runId: string;
  /** Whether the pid is still the command's: until it was waited for. */
  readonly isLed: () => boolean;
  /** No process that started before this (ProcessEntry.startTime) can be of the run. Default: our own start. */
  readonly since?: number;
}

/** What is remembered of a tree from look to look. */
export interface Traces {
  /** The living members, which are remembered. */
  look(table: ProcessTable): readonly ProcessEntry[];
  /** What is left of the groups when no member lives: equal texts mean that nothing moves. Null: something does. */
  describeQuiet(table: ProcessTable): string | null;
  /** SIGKILL to every group that a member was ever seen in: unlike with signals one by one, no fork escapes it. */
  killGroups(): void;
}

/** Memory of one tree, empty at first. */
export function createTraces(mark: TreeMark): Traces {
  const us = readProcess(process.pid);
  /** pid → start time. Who was a member once is one for ever, whatever becomes of its parent. */
  const known = new Map<number, number>();
  /** Also the numbers of sessions. The command led one of its own, so members are in none that strangers are in. */
  const groups = new Set([mark.pid]);

  function look(table: ProcessTable): readonly ProcessEntry[] {
    const leader = mark.isLed() ? table.get(mark.pid) : undefined;
    if (leader !== undefined) known.set(leader.pid, leader.startTime);
    const found = findMembers(table, {
      runId: mark.runId,
      since: mark.since ?? us?.startTime ?? 0,
      known,
      groups,
    });
    for (const { pid, startTime, session, group } of found) {
      known.set(pid, startTime);
      if (session !== us?.session) groups.add(session).add(group);
    }
    return found;
  }

  /** False when the group is empty, or when its number was given to another process meanwhile. */
  function isGroupTaken(group: number): boolean {
    const leader = group === mark.pid && mark.isLed() ? null : readProcess(group);
    if (leader !== null && known.get(group) !== leader.startTime) return false;
    return signalGroup(group, 0);
  }

  return {
    look,
    describeQuiet(table) {
      const taken = [...groups].filter(isGroupTaken);
      const zombies = table.processes.filter(({ group }) => taken.includes(group));
      // A group has a member that was not there when we looked
      if (taken.some((group) => !zombies.some((zombie) => zombie.group === group))) return null;
      return zombies.map(({ pid }) => pid).join(' ');
    },
    killGroups() {
      for (const group of groups) if (isGroupTaken(group)) signalGroup(group, 'SIGKILL');
    },
  };
}

/** What a look for members goes by. */
export interface MemberTraces {
  readonly runId: string;
  /** No process that started before this (ProcessEntry.startTime) has the run's id from the run. */
  readonly since: number;
  /** pid → start time of those that were members before. */
  readonly known: ReadonlyMap<number, number>;
  /** The process groups and sessions that were theirs. */
  readonly groups: ReadonlySet<number>;
}

/** The living members of a tree, and all that descends from them. */
export function findMembers(table: ProcessTable, traces: MemberTraces): readonly ProcessEntry[] {
  const { runId, since, known, groups } = traces;
  /** A pid is not given away while it is the number of a session or a group; if it was, ours are empty. */
  const isReused = (pid: number) => {
    const entry = table.get(pid);
    return entry !== undefined && known.get(pid) !== entry.startTime;
  };
  const isOurs = (number: number) => groups.has(number) && !isReused(number);
  const isRoot = (entry: ProcessEntry) =>
    known.get(entry.pid) === entry.startTime ||
    isOurs(entry.session) ||
    isOurs(entry.group) ||
    (entry.startTime >= since && table.runIdOf(entry.pid) === runId);

  const members = new Map<number, ProcessEntry>();
  const waiting = table.processes.filter((entry) => isEndable(entry) && isRoot(entry));
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    if (members.has(entry.pid)) continue;
    members.set(entry.pid, entry);
    waiting.push(...table.childrenOf(entry.pid).filter(isEndable));
  }
  return [...members.values()];
}

/** Alive, and never ourselves, never init, and never 0 or -1, which would mean whole groups. */
function isEndable({ isAlive, pid }: ProcessEntry): boolean {
  return isAlive && pid > 1 && pid !== process.pid;
}

/** Signals the process that was seen, and no other that got its pid meanwhile. One that may not be signalled is left. */
export function signalProcess(entry: ProcessEntry, signal: NodeJS.Signals): void {
  if (readProcess(entry.pid)?.startTime === entry.startTime) trySignal(entry.pid, signal);
}

/** @returns whether the group has a member */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return group > 1 && trySignal(-group, signal);
}

/** False: there is no such process (ESRCH). One that belongs to another user (EPERM) is there, and is a survivor in the end. */
function trySignal(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

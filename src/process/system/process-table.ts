import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** One process as /proc/PID/stat tells it (proc_pid_stat(5)). */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks from boot to the start: with the pid, the identity of a process, since pids are used again. */
  readonly startTime: number;
  /** False for a zombie: it has ended, and waits to be waited for. */
  readonly isAlive: boolean;
  /** It is ending: the kernel sets this before it closes the process's descriptors, and so its connections. */
  readonly isExiting: boolean;
}

/** All processes at one moment (or as near to it as reading one after the other comes). */
export interface ProcessTable {
  /** `performance.now()` before the first was read. */
  readonly takenAt: number;
  readonly processes: readonly ProcessEntry[];
  /** A process has just ended, or did while the others were read: it may have left a child that was not seen. */
  readonly isTorn: boolean;
  childrenOf(pid: number): readonly ProcessEntry[];
  get(pid: number): ProcessEntry | undefined;
  /** The value of REXA_RUN_ID in the environment that the process was started with; read when it is asked for. */
  runIdOf(pid: number): string | null;
}

/** PF_EXITING of the kernel flags of a process. */
const EXITING_FLAG = 0x4;

/** The variable that marks the processes of a run. */
export const RUN_ID_VARIABLE = 'REXA_RUN_ID';

const MARKER = `${RUN_ID_VARIABLE}=`;

/** Whether this host has /proc as Linux has it. */
export const HAS_PROC = process.platform === 'linux' && existsSync('/proc/self/stat');

/** One process; null when there is none of that pid. */
export function readProcess(pid: number): ProcessEntry | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Parses /proc/PID/stat. The name, in parentheses, may itself hold spaces and parentheses.
 * @returns null when it isn't of that form
 */
export function parseStat(text: string): ProcessEntry | null {
  const nameEnd = text.lastIndexOf(')');
  const fields = text.slice(nameEnd + 2).split(' ');
  const pid = Number.parseInt(text, 10);
  const [state, parent, group, session, , , flags] = fields;
  const [threads, , startTime] = fields.slice(17);
  if (nameEnd < 0 || startTime === undefined || !Number.isInteger(pid)) return null;
  // A zombie whose other threads run on (its first thread has ended) is not dead
  const isDead = state === 'X' || (state === 'Z' && Number(threads) <= 1);
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime: Number(startTime),
    isAlive: !isDead,
    isExiting: isDead || (Number(flags) & EXITING_FLAG) !== 0,
  };
}

/** USER_HZ, the clock of /proc/PID/stat, is this on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
/** A process as young as this may be one that hops from pid to pid. */
const YOUNG_SECONDS = 0.1;

/** How long a table serves everybody: many trees that are ended at once do not each read one. */
const SHARED_MS = 10;

let latest: { readonly table: ProcessTable; readonly freshUntil: number } | null = null;

/**
 * Reads all processes: 10 to 20 µs each, all at once.
 * @param since a table that was taken after this `performance.now()`, and not long ago, will do; without it a new one is
 * taken
 */
export function readProcessTable(since = Number.POSITIVE_INFINITY): ProcessTable {
  if (latest !== null && latest.table.takenAt >= since && performance.now() < latest.freshUntil)
    return latest.table;
  const table = takeProcessTable();
  const now = performance.now();
  // On a crowded host reading takes longer, and is shared for longer
  latest = { table, freshUntil: now + Math.max(SHARED_MS, 2 * (now - table.takenAt)) };
  return table;
}

function takeProcessTable(): ProcessTable {
  const takenAt = performance.now();
  const byPid = new Map<number, ProcessEntry>();
  const runIds = new Map<number, string | null>();
  let isTorn = false;
  const youngSince = (uptime() - YOUNG_SECONDS) * TICKS_PER_SECOND;
  // The newest first: they are the likeliest to be gone in a moment, so they are also asked who they are at once
  for (const name of readdirSync('/proc').toReversed()) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const entry = readProcess(pid);
    if (entry === null || entry.startTime >= youngSince) {
      const runId = entry?.isAlive ? readRunId(pid) : undefined;
      if (runId === undefined) isTorn = true;
      else runIds.set(pid, runId);
    }
    if (entry !== null) byPid.set(pid, entry);
  }
  const processes = [...byPid.values()];
  let children: Map<number, ProcessEntry[]> | undefined;
  return {
    takenAt,
    processes,
    isTorn,
    get: (pid) => byPid.get(pid),
    childrenOf(pid) {
      children ??= Map.groupBy(processes, ({ parent }) => parent);
      return children.get(pid) ?? [];
    },
    runIdOf(pid) {
      let runId = runIds.get(pid);
      if (runId === undefined) {
        runId = readRunId(pid) ?? null;
        runIds.set(pid, runId);
      }
      return runId;
    },
  };
}

/**
 * Null: it has none, or its environment may not be read (another user's process), or was overwritten by its owner.
 * Undefined: the process has ended.
 */
function readRunId(pid: number): string | null | undefined {
  let environ: Buffer;
  try {
    environ = readFileSync(`/proc/${pid}/environ`);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? null : undefined;
  }
  // So is that of a kernel thread, which does no harm here
  if (environ.length === 0) return undefined;
  for (let start = environ.indexOf(MARKER); start >= 0; start = environ.indexOf(MARKER, start + 1)) {
    // At the beginning of an entry, and not in the middle of another one's name or value
    if (start > 0 && environ[start - 1] !== 0) continue;
    const end = environ.indexOf(0, start);
    return environ.toString('utf8', start + MARKER.length, end < 0 ? undefined : end);
  }
  return null;
}

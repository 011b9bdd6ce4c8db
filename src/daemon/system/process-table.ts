import { existsSync, readdirSync, readFileSync } from 'node:fs';

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
}

/** All processes at one moment (or as near to it as reading one after the other comes). */
export interface ProcessTable {
  /** `performance.now()` before the first was read. */
  readonly takenAt: number;
  readonly processes: readonly ProcessEntry[];
  childrenOf(pid: number): readonly ProcessEntry[];
  get(pid: number): ProcessEntry | undefined;
  /** The value of REXA_RUN_ID in the environment that the process was started with; read when it is asked for. */
  runIdOf(pid: number): string | null;
}

/** The variable that marks the processes of a run. */
export const RUN_ID_VARIABLE = 'REXA_RUN_ID';

/** Whether this host has /proc as Linux has it. */
export const HAS_PROC = process.platform === 'linux' && existsSync('/proc/self/stat');

/** One process; null when there is none of that pid. */
export function readProcess(pid: number): ProcessEntry | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
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
  const [state, parent, group, session] = fields;
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
  };
}

let latest: ProcessTable | null = null;

/**
 * Reads all processes: about 10 µs each. Many trees that are ended at once share what was read.
 * @param notBefore a table taken at this `performance.now()` or later will do; without it a new one is taken
 */
export function readProcessTable(notBefore = Number.POSITIVE_INFINITY): ProcessTable {
  if (latest === null || latest.takenAt < notBefore) latest = takeProcessTable();
  return latest;
}

function takeProcessTable(): ProcessTable {
  const takenAt = performance.now();
  const byPid = new Map<number, ProcessEntry>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const entry = Number.isInteger(pid) ? readProcess(pid) : null;
    if (entry !== null) byPid.set(pid, entry);
  }
  const processes = [...byPid.values()];
  let children: Map<number, ProcessEntry[]> | undefined;
  const runIds = new Map<number, string | null>();
  return {
    takenAt,
    processes,
    get: (pid) => byPid.get(pid),
    childrenOf(pid) {
      children ??= Map.groupBy(processes, ({ parent }) => parent);
      return children.get(pid) ?? [];
    },
    runIdOf(pid) {
      let runId = runIds.get(pid);
      if (runId === undefined) {
        runId = readRunId(pid);
        runIds.set(pid, runId);
      }
      return runId;
    },
  };
}

/** Null also when the environment may not be read (another user's process), or was overwritten by its owner. */
function readRunId(pid: number): string | null {
  let environ: string;
  try {
    environ = readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return null;
  }
  const marker = `\0${RUN_ID_VARIABLE}=`;
  const start = `\0${environ}`.indexOf(marker);
  if (start < 0) return null;
  // The text above is one character longer than `environ`, which is the marker's first
  const valueStart = start + marker.length - 1;
  const end = environ.indexOf('\0', valueStart);
  return environ.slice(valueStart, end < 0 ? undefined : end);
}

import { fstatSync, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { HAS_PROC, type ProcessTable, readProcessTable } from './process-table.ts';

/** What /proc/PID/fd shows for every end of the pipe that this descriptor is one end of, such as `pipe:[4711]`. */
export function pipeName(fd: number): string {
  return `pipe:[${fstatSync(fd).ino}]`;
}

/** What a process has open. */
export interface PipeUse {
  readonly pid: number;
  /** The name of the pipe that is its stdin; null: its stdin is something else. */
  readonly stdin: () => string | null;
  /** The pipes and files that it has open, by name, and those of them that it can write to. */
  readonly open: ReadonlySet<string>;
  readonly written: ReadonlySet<string>;
}

/** Who has pipes open, as far as it can be seen. */
export interface PipeUses {
  readonly seen: readonly PipeUse[];
  /** Processes of the run whose descriptors may not be read: they may hold anything. */
  readonly unknown: readonly number[];
}

/** What a run's pipes and processes are known by. */
export interface RunPipes {
  /** The outputs that are still open here. */
  readonly outputs: readonly string[];
  /** Null: the run has an empty stdin. */
  readonly stdin: string | null;
  /** The command's pid, which is also its session's and its process group's. */
  readonly pid: number;
  /** The value of REXA_RUN_ID. */
  readonly runId: string;
}

/** Who holds the outputs of a run whose command has exited. */
export interface PipeHolders {
  readonly pids: readonly number[];
  /** Those of them that are filters at work: what they read comes to its end, and then they write and leave. */
  readonly filters: readonly number[];
}

export const NO_HOLDERS: PipeHolders = { pids: [], filters: [] };

/**
 * Finds who holds an output of a run (proc_pid_fd(5)). None where there is no /proc. Costs about 100 µs a process of
 * this host: for an output that stays open, not for every run.
 */
export function findPipeHolders(run: RunPipes): PipeHolders {
  if (!HAS_PROC || run.outputs.length === 0) return NO_HOLDERS;
  return chooseHolders(readPipeUses(run), run);
}

/**
 * A holder is a filter at work if its stdin is a pipe other than the run's own, and every writer of that pipe is gone or
 * itself a filter. A process that cannot be looked into may write to any pipe, so beside one there are no filters.
 */
export function chooseHolders(
  { seen, unknown }: PipeUses,
  { outputs, stdin }: Pick<RunPipes, 'outputs' | 'stdin'>,
): PipeHolders {
  const holders = seen.filter(
    ({ pid, open }) => pid !== process.pid && outputs.some((name) => open.has(name)),
  );
  const filters = unknown.length > 0 ? [] : holders.filter(createFilterTest(seen, stdin));
  return { pids: [...holders.map(({ pid }) => pid), ...unknown], filters: filters.map(({ pid }) => pid) };
}

function createFilterTest(seen: readonly PipeUse[], runStdin: string | null): (use: PipeUse) => boolean {
  /** Undefined while it is being found out: processes that feed each other in a ring never come to an end. */
  const known = new Map<number, boolean | undefined>();
  function isFilter(use: PipeUse): boolean {
    if (known.has(use.pid)) return known.get(use.pid) ?? false;
    known.set(use.pid, undefined);
    const stdin = use.stdin();
    const answer =
      stdin !== null &&
      stdin !== runStdin &&
      seen.every((writer) => !writer.written.has(stdin) || isFilter(writer));
    known.set(use.pid, answer);
    return answer;
  }
  return isFilter;
}

function readPipeUses(run: RunPipes): PipeUses {
  const seen: PipeUse[] = [];
  const unreadable: number[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const use = readPipeUse(pid);
    if (use === 'unreadable') unreadable.push(pid);
    else if (use !== null) seen.push(use);
  }
  // Processes of others are unreadable too
  const table = unreadable.length === 0 ? null : readProcessTable();
  return { seen, unknown: unreadable.filter((pid) => table !== null && isOfRun(table, pid, run)) };
}

/** Null: it has ended. */
function readPipeUse(pid: number): PipeUse | 'unreadable' | null {
  const folder = `/proc/${pid}/fd`;
  const open = new Set<string>();
  const written = new Set<string>();
  let first = '';
  try {
    for (const descriptor of readdirSync(folder)) {
      const path = `${folder}/${descriptor}`;
      const name = readLink(path);
      if (descriptor === '0') first = name;
      if (!name.startsWith('pipe:[') && !isFilePath(name)) continue;
      open.add(name);
      if (isWritable(path)) written.add(name);
    }
  } catch (error) {
    return isRefusal(error) ? 'unreadable' : null;
  }
  return { pid, stdin: () => (isPipe(first, `${folder}/0`) ? first : null), open, written };
}

/** A FIFO is a pipe too, and its name is a path. Asked of few: a look at a file of a dead file server never returns. */
function isPipe(name: string, path: string): boolean {
  if (name.startsWith('pipe:[')) return true;
  return isFilePath(name) && statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
}

const isFilePath = (name: string): boolean => name.startsWith('/') && !name.startsWith('/dev/');

/** Empty: it was closed just now. */
function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isRefusal(error)) throw error;
    return '';
  }
}

/** The permissions of the link are the ways in which the descriptor is open. */
function isWritable(path: string): boolean {
  return ((lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o200) !== 0;
}

function isRefusal(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

/**
 * Whether a process that cannot be looked into was started by the run: it is in the command's session or group, or
 * descends from one that is or that carries the run's mark, or is an orphan of ours whose mark may not be read either. An
 * orphan that leads a session of its own is left out: it looks as a command of another run does.
 */
function isOfRun(table: ProcessTable, pid: number, { pid: leader, runId }: RunPipes): boolean {
  for (let entry = table.get(pid); entry !== undefined; entry = table.get(entry.parent)) {
    if (entry.session === leader || entry.group === leader || table.runIdOf(entry.pid) === runId) return true;
    if (entry.parent === process.pid) return entry.session !== entry.pid && table.runIdOf(entry.pid) === null;
    if (entry.parent === entry.pid) return false;
  }
  return false;
}

import { fstatSync, readdirSync, readlinkSync } from 'node:fs';
import { HAS_PROC } from './process-table.ts';

/** What /proc/PID/fd shows for every end of the pipe that this descriptor is one end of, such as `pipe:[4711]`. */
export function pipeName(fd: number): string {
  return `pipe:[${fstatSync(fd).ino}]`;
}

/**
 * The pids that hold an end of one of these pipes, ourselves excepted: those whose descriptors may be read
 * (proc_pid_fd(5)). Empty where there is no /proc. Costs about 100 µs a process: for a rare message, not for every run.
 * @param names as from pipeName
 */
export function findPipeHolders(names: readonly string[]): readonly number[] {
  if (!HAS_PROC || names.length === 0) return [];
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => pid !== process.pid && holdsAny(pid, names));
}

function holdsAny(pid: number, names: readonly string[]): boolean {
  let descriptors: readonly string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return false;
  }
  return descriptors.some((descriptor) => names.includes(readLink(`/proc/${pid}/fd/${descriptor}`)));
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

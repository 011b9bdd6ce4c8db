import { bootId } from '../process/system/boot-id.ts';
import { HAS_PROC, readProcess } from '../process/system/process-table.ts';
import { createProcessTree } from '../process/system/process-tree.ts';
import { DEFAULT_KILL_AFTER_MS } from '../protocol/limits.ts';
import type { Log } from './log.ts';
import { isOver, type JobRecord } from './store/job-record.ts';
import type { JobStore } from './store/job-store.ts';

/** No process has it: Linux gives pids up to 2^22. */
const NO_PID = 2 ** 30;

/**
 * The jobs of a supervisor that was killed: what became of them is not known any more, and nobody reads their output, so they
 * are lost, and what still runs of them is ended. What can't be ended is named. Records are settled when this returns;
 * the processes may take a moment longer.
 */
export function recoverJobs(store: JobStore, log: Log): void {
  for (const found of store.list(null)) {
    if (found.kind === 'record' && !isOver(found.record)) void loseJob(store, found.record, log);
  }
}

async function loseJob(store: JobStore, record: JobRecord, log: Log): Promise<void> {
  const isOfThisBoot = record.boot === bootId();
  const why = isOfThisBoot ? 'the supervisor that ran it was killed' : 'the host was started anew meanwhile';
  const settled = store.settle(record, why);
  if (settled.state !== 'lost')
    return log('the end of a job is taken from its folder', { principal: record.principal, id: record.id });
  log('a job is lost', { principal: record.principal, id: record.id, why });
  if (!isOfThisBoot || !HAS_PROC) return;
  const survivors = await endTree(record);
  if (survivors.length === 0) return;
  store.update({ ...settled, note: `${why}; still running: pid ${survivors.join(', ')}` });
}

/** Its processes are known by their mark, and by descent from one that has it. */
function endTree({ pid, pidStart, runId }: JobRecord): Promise<readonly number[]> {
  const isLed = (): boolean => pid !== null && readProcess(pid)?.startTime === pidStart;
  const leader = isLed() ? pid : null;
  return createProcessTree({ pid: leader ?? NO_PID, runId, isLed, since: 0 }).end(DEFAULT_KILL_AFTER_MS);
}

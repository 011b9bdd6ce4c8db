import fs from 'node:fs';
import path from 'node:path';
import { bootId } from '../../process/system/boot-id.ts';
import { HAS_PROC, readProcess } from '../../process/system/process-table.ts';
import { createProcessTree } from '../../process/system/process-tree.ts';
import type { SystemCalls } from '../../process/system/system-calls.ts';
import { describeCause } from '../../protocol/caused-by.ts';
import type { JobOutcome } from '../../protocol/job.ts';
import { DEFAULT_KILL_AFTER_MS } from '../../protocol/limits.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import type { Facts, Log } from '../../runtime/log.ts';
import type { AuditLines } from '../audit-lines.ts';
import type { SessionEnds } from '../sessions/session-ends.ts';
import {
  type JobName,
  type JournalLine,
  type OpenRun,
  type RecordedProcess,
  type RunRecord,
  readJournal,
} from './run-journal.ts';
import { JOURNAL_NAME, LOCK_NAME } from './run-records.ts';

export interface RecoverOptions {
  /** As for openRunRecords. */
  readonly folder: string;
  readonly system: SystemCalls;
  readonly log: Log;
  readonly audit: Pick<AuditLines, 'writeTo'>;
  /** What became of a job, once it has ended; null: this daemon hears of it no more. @throws RexaError */
  readonly watchJob: (job: JobName) => Promise<Outcome | null>;
  /** Waits for the end of a session or a terminal. */
  readonly watchSession: SessionEnds['wait'];
}

/** No process has it: Linux gives pids up to 2^22. */
const NO_PID = 2 ** 30;

/**
 * Settles what daemons that are dead have left open: processes of their plain runs are ended, and each run gets its end in
 * the audit: a job or session the one that the supervisor tells, another one `unknown`. A daemon is dead when its lock is free; where
 * the system has no locks nothing is done.
 */
export async function recoverRuns(options: RecoverOptions): Promise<void> {
  const { folder, log } = options;
  const names = listFolder(folder);
  await Promise.all(
    names.map(async (name) => {
      try {
        await recoverInstance(path.join(folder, name), options);
      } catch (error) {
        log.error('the runs of a daemon that died cannot be settled', { folder: name, error: String(error) });
      }
    }),
  );
}

async function recoverInstance(own: string, options: RecoverOptions): Promise<void> {
  const lock = fs.openSync(path.join(own, LOCK_NAME), 'r+');
  try {
    if (options.system.lockFile(lock) !== 'locked') return;
    const journal = path.join(own, JOURNAL_NAME);
    const settled = await Promise.all(
      [...readJournal(journal)].map((run) => recoverRun(run, options, journal)),
    );
    if (settled.every(Boolean)) fs.rmSync(own, { recursive: true, force: true });
  } finally {
    fs.closeSync(lock);
  }
}

/** @returns false when its end is still not known: the next daemon asks again */
async function recoverRun(
  { record, spawned }: OpenRun,
  options: RecoverOptions,
  journal: string,
): Promise<boolean> {
  const { audit, facts, mark, job } = record;
  if (job !== null && !('owner' in job)) {
    const outcome = await options.watchSession(mark, (reason) =>
      options.audit.writeTo(audit, 'recording-failed', { ...facts, reason }),
    );
    if ('session' in job)
      options.audit.writeTo(audit, 'session-ended', {
        ...facts,
        ...(await settleSupervised(mark, outcome)),
      });
    else {
      // It may have been this daemon's, for want of a supervisor
      const end = outcome === null ? await endRun(record, spawned) : describeOutcome(outcome);
      options.audit.writeTo(audit, 'run-ended', { ...facts, run: mark, ...end });
    }
  } else {
    const end = job === null ? await endRun(record, spawned) : await endOfJob(job, options);
    if (end === null) return false;
    options.audit.writeTo(audit, 'run-ended', { ...facts, run: mark, ...end });
  }
  const line: JournalLine = { end: record.mark };
  fs.appendFileSync(journal, `\n${JSON.stringify(line)}\n`);
  return true;
}

async function endRun({ mark, boot }: RunRecord, spawned: RecordedProcess | null): Promise<Facts> {
  if (boot !== bootId()) return { outcome: 'unknown', reason: 'the host was started anew' };
  const reason = 'the daemon that ran it died';
  if (!HAS_PROC) return { outcome: 'unknown', reason };
  // Processes are known by the mark in their environment, and by descent; the first by its start too, as its pid may be
  // another's by now
  const isLed = (): boolean =>
    spawned !== null && spawned.pidStart !== null && readProcess(spawned.pid)?.startTime === spawned.pidStart;
  const pid = spawned !== null && isLed() ? spawned.pid : NO_PID;
  const tree = createProcessTree({ pid, runId: mark, isLed, since: 0 });
  return { outcome: 'unknown', reason, survivors: await tree.end(DEFAULT_KILL_AFTER_MS) };
}

/**
 * Settles a session or terminal: where nobody knows what became of it, what is left of its processes is ended.
 * @param mark REXA_RUN_ID of its processes
 * @returns what the audit says of it
 */
export async function settleSupervised(mark: string, outcome: JobOutcome | null): Promise<Facts> {
  if (outcome !== null) return describeOutcome(outcome);
  const unknown = { outcome: 'unknown', reason: 'the supervisor that ran it is gone' };
  if (!HAS_PROC) return unknown;
  const tree = createProcessTree({ pid: NO_PID, runId: mark, isLed: () => false, since: 0 });
  return { ...unknown, survivors: await tree.end(DEFAULT_KILL_AFTER_MS) };
}

async function endOfJob(job: JobName, { watchJob }: RecoverOptions): Promise<Facts | null> {
  try {
    const outcome = await watchJob(job);
    return outcome && describeOutcome(outcome);
  } catch (error) {
    return { outcome: 'unknown', reason: describeCause(error) };
  }
}

/** What the audit says of a run that ended. */
export function describeOutcome({
  name,
  exitCode,
  signal,
  durationMs,
  survivors,
}: Pick<Outcome, 'name' | 'exitCode' | 'signal' | 'durationMs' | 'survivors'>): Facts {
  return { outcome: name, exitCode, signal, durationMs, survivors };
}

function listFolder(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

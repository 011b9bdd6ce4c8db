import fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../places/make-folder.ts';
import { causedBy } from '../../protocol/caused-by.ts';
import { RexaError } from '../../protocol/errors.ts';
import { JOB_KEEP_MS, JOBS_SPOOL_TOTAL_BYTES, MAX_KEPT_JOBS } from '../limits.ts';
import type { Log } from '../log.ts';
import { measureSpool, removeSpool } from '../spool/spool-size.ts';
import { isDamage } from './database.ts';
import { readHeader, writeHeader } from './header-file.ts';
import { isOver, type JobRecord, jobFolderName } from './job-record.ts';
import type { JobTable, ReadRecord } from './job-table.ts';
import { adoptFolder, openTable } from './open-table.ts';

/** The records of all jobs of this account, and the folders of their output. */
export interface JobStore {
  folderOf(record: Pick<JobRecord, 'principal' | 'id'>): string;
  /** Records a job before it is spawned. @throws RexaError JOBS_UNUSABLE: nothing of it is recorded */
  insert(record: JobRecord): void;
  /** False when the database could not be written: it is to be tried again. The record in the job's folder may be there. */
  update(record: JobRecord): boolean;
  /** Records the end of a job that nobody runs any more: as the record in its folder tells it, else as lost. */
  settle(record: JobRecord, why: string): JobRecord;
  /** Null: there is none. @throws RexaError JOB_RECORD_CORRUPT, JOBS_UNUSABLE */
  find(principal: string, id: string): JobRecord | null;
  /** The newest first; of everybody where `principal` is null. @throws RexaError JOBS_UNUSABLE */
  list(principal: string | null): ReadRecord[];
  /** Forgets a job and its output. @throws RexaError JOBS_UNUSABLE */
  remove(principal: string, id: string): void;
  /** Forgets what is too old, or too much. */
  tidy(nowMs: number): void;
  close(): void;
}

/**
 * @param spoolLimitBytes what the output of ended jobs may take together; that of the oldest goes first
 * @throws RexaError JOBS_UNUSABLE, JOBS_NEWER
 */
export function openJobStore(folder: string, log: Log, spoolLimitBytes = JOBS_SPOOL_TOTAL_BYTES): JobStore {
  /** Null: it could not be opened again, which each use tries. */
  let table: JobTable | null = openTable(folder, log);

  /** A database that turns out to be damaged is made anew once. */
  function attempt<T>(action: (table: JobTable) => T): T {
    try {
      if (table !== null) return action(table);
    } catch (error) {
      if (!isDamage(error)) throw unusable(error);
      table?.close();
      table = null;
    }
    table = openTable(folder, log);
    try {
      return action(table);
    } catch (error) {
      throw unusable(error);
    }
  }

  function unusable(cause: unknown): RexaError {
    return causedBy('JOBS_UNUSABLE', cause, folder);
  }

  function folderOf({ principal, id }: Pick<JobRecord, 'principal' | 'id'>): string {
    return path.join(folder, jobFolderName(principal, id));
  }

  /** A row that can't be read is made anew from the job's own header. */
  function mend(found: ReadRecord, principal: string): ReadRecord {
    if (found.kind === 'record') return found;
    try {
      const record = readHeader(path.join(folder, jobFolderName(principal, found.id)));
      if (record === null || record.id !== found.id || record.principal !== principal) return found;
      log('the record of a job was damaged, and is made anew from its header', { id: found.id });
      attempt((rows) => rows.replace(record));
      return { kind: 'record', record };
    } catch {
      return found;
    }
  }

  /** The folder first: what is left of it would make the id known again. */
  function remove(principal: string, id: string): void {
    try {
      fs.rmSync(folderOf({ principal, id }), { recursive: true, force: true });
    } catch (cause) {
      throw unusable(cause);
    }
    attempt((rows) => rows.remove(principal, id));
  }

  function findRow(principal: string, id: string): ReadRecord | null {
    return attempt((rows) => rows.find(principal, id));
  }

  function adopt(principal: string, id: string): ReadRecord | null {
    attempt((rows) => adoptFolder(rows, folderOf({ principal, id }), log));
    return findRow(principal, id);
  }

  function update(record: JobRecord): boolean {
    const isRecorded = tryTo(record.id, 'the record of a job cannot be written', () =>
      attempt((rows) => rows.replace(record)),
    );
    // From which the database is mended
    tryTo(record.id, 'the header of a job cannot be written', () => writeHeader(folderOf(record), record));
    return isRecorded;
  }

  function tryTo(id: string, failure: string, act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      log(failure, { id, error: String(error instanceof RexaError ? error.cause : error) });
      return false;
    }
  }

  function readEnd(record: JobRecord): JobRecord | null {
    try {
      const header = readHeader(folderOf(record));
      return header !== null && header.runId === record.runId && isOver(header) ? header : null;
    } catch {
      return null;
    }
  }

  /** @throws RexaError JOBS_UNUSABLE */
  function dropSurplus(nowMs: number): void {
    const over = attempt((rows) => rows.list(null))
      .filter((found) => found.kind === 'record')
      .map(({ record }) => record)
      .filter(isOver);
    let spoolBytes = 0;
    for (const [index, record] of over.entries()) {
      if (index >= MAX_KEPT_JOBS || (record.endedMs ?? 0) + JOB_KEEP_MS < nowMs) {
        remove(record.principal, record.id);
        continue;
      }
      spoolBytes += measureSpool(folderOf(record));
      if (spoolBytes > spoolLimitBytes) removeSpool(folderOf(record));
    }
  }

  return {
    folderOf,
    insert(record) {
      const jobFolder = folderOf(record);
      try {
        // What may be there belongs to a job that was forgotten, or was never recorded and so never run
        fs.rmSync(jobFolder, { recursive: true, force: true });
        makeFolder(jobFolder);
        writeHeader(jobFolder, record);
      } catch (cause) {
        fs.rmSync(jobFolder, { recursive: true, force: true });
        throw unusable(cause);
      }
      try {
        attempt((rows) => rows.insert(record));
      } catch (error) {
        // What a new database would take for a job
        fs.rmSync(jobFolder, { recursive: true, force: true });
        throw error;
      }
    },
    update,
    settle(record, why) {
      const settled: JobRecord = readEnd(record) ?? {
        ...record,
        state: 'lost',
        endedMs: Date.now(),
        note: why,
      };
      update(settled);
      return settled;
    },
    find(principal, id) {
      const found = findRow(principal, id) ?? adopt(principal, id);
      if (found === null) return null;
      const mended = mend(found, principal);
      if (mended.kind === 'corrupt') throw mended.error;
      return mended.record;
    },
    list: (principal) =>
      attempt((rows) => rows.list(principal)).map((found) =>
        principal === null ? found : mend(found, principal),
      ),
    remove,
    tidy(nowMs) {
      try {
        dropSurplus(nowMs);
      } catch (error) {
        log('old jobs cannot be forgotten', { error: String(error) });
      }
    },
    close: () => table?.close(),
  };
}

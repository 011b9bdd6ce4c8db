import fs from 'node:fs';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { RexaError } from '../../protocol/errors.ts';
import type { Log } from '../log.ts';
import { isDamage, openDatabase } from './database.ts';
import { readHeader } from './header-file.ts';
import { type JobTable, makeCorruptRecord, openJobTable } from './job-table.ts';

const DATABASE = 'jobs.db';

/**
 * Opens the records in a folder. A damaged database is put aside; one that is not there is made anew from what stands
 * beside the jobs' output, since an id that was used must not be run again.
 * @throws RexaError JOBS_UNUSABLE, JOBS_NEWER
 */
export function openTable(folder: string, log: Log): JobTable {
  const file = path.join(folder, DATABASE);
  const open = (): JobTable => openJobTable(openDatabase(file, (made) => rebuild(made, folder, log)));
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      return open();
    } catch (error) {
      if (!isDamage(error)) throw error;
      log('the database of jobs is damaged: it is put aside and made anew', { file, error: String(error) });
      putAside(file);
      return open();
    }
  } catch (cause) {
    if (cause instanceof RexaError) throw cause;
    throw new RexaError('JOBS_UNUSABLE', [folder, cause instanceof Error ? cause.message : String(cause)], {
      cause,
    });
  }
}

function putAside(file: string): void {
  fs.renameSync(file, `${file}.damaged`);
  for (const suffix of ['-wal', '-shm']) fs.rmSync(`${file}${suffix}`, { force: true });
}

function rebuild(database: DatabaseSync, folder: string, log: Log): void {
  const table = openJobTable(database);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const jobFolder = path.join(folder, entry.name);
    try {
      const record = readHeader(jobFolder);
      if (record !== null) table.replace(record);
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      log('the record of a job cannot be read', { folder: jobFolder, error: error.message });
      table.replace(makeCorruptRecord(entry.name, fs.statSync(jobFolder).mtimeMs));
    }
  }
}

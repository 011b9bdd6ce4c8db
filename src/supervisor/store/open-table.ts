import fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../places/make-folder.ts';
import { causedBy } from '../../protocol/caused-by.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { Log } from '../log.ts';
import { isDamage, openDatabase } from './database.ts';
import { readHeader } from './header-file.ts';
import { type JobTable, makeCorruptRecord, openJobTable } from './job-table.ts';

const DATABASE = 'jobs.db';
/** As jobFolderName makes them. */
const FOLDER_NAME = /^[0-9a-f]{32}$/;

/**
 * Opens the records in a folder. A damaged database is put aside, and what the database lacks is taken from what stands
 * beside the jobs' output: an id that was used must not be run again.
 * @throws RexaError JOBS_UNUSABLE, JOBS_NEWER
 */
export function openTable(folder: string, log: Log): JobTable {
  const file = path.join(folder, DATABASE);
  const open = (): JobTable => {
    const table = openJobTable(openDatabase(file));
    adoptFolders(table, folder, log);
    return table;
  };
  try {
    makeFolder(folder);
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
    throw causedBy('JOBS_UNUSABLE', cause, folder);
  }
}

function putAside(file: string): void {
  fs.renameSync(file, `${file}.damaged`);
  for (const suffix of ['-wal', '-shm']) fs.rmSync(`${file}${suffix}`, { force: true });
}

/** Takes up the folders of which the database knows nothing. */
function adoptFolders(table: JobTable, folder: string, log: Log): void {
  const known = table.folders();
  for (const name of fs.readdirSync(folder)) {
    if (FOLDER_NAME.test(name) && !known.has(name)) adoptFolder(table, path.join(folder, name), log);
  }
}

/**
 * Records the job of a folder that the database does not know: the database was cut or made anew, and an id that has a
 * folder may have been run. Nothing is recorded of a folder without a record and without output: nothing was run of it.
 */
export function adoptFolder(table: JobTable, jobFolder: string, log: Log): void {
  try {
    const record = readHeader(jobFolder);
    if (record === null) return;
    log('a job is missing from the database, and is taken up from its folder', { folder: jobFolder });
    table.replace(record);
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    log('the record of a job cannot be read', { folder: jobFolder, error: error.message });
    table.replace(makeCorruptRecord(path.basename(jobFolder), fs.statSync(jobFolder).mtimeMs));
  }
}

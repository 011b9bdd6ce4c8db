import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { RexaError } from '../../protocol/errors.ts';

/**
 * The steps from one schema of the records to the next: the number of those done is the database's `user_version`. A step
 * that was released is never changed; a new schema is a new step at the end.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE jobs (
     principal TEXT NOT NULL, id TEXT NOT NULL, folder TEXT NOT NULL, hash TEXT NOT NULL, run_id TEXT NOT NULL,
     command TEXT NOT NULL, lifetime TEXT NOT NULL, created_ms REAL NOT NULL, state TEXT NOT NULL,
     pid INTEGER, pid_start INTEGER, boot TEXT NOT NULL, ended_ms REAL, outcome TEXT,
     PRIMARY KEY (principal, id)) WITHOUT ROWID;
   CREATE UNIQUE INDEX jobs_by_folder ON jobs (folder);`,
  `ALTER TABLE jobs ADD COLUMN note TEXT;
   CREATE INDEX jobs_by_state ON jobs (state, ended_ms);`,
];

/**
 * Brings a database to the schema of this code, in one transaction: it has all of it or stays as it was.
 * @throws RexaError JOBS_NEWER for one that a later rexa has made; Error of SQLite
 */
function migrate(database: DatabaseSync, where: string): void {
  const version = readVersion(database);
  if (version > MIGRATIONS.length) throw new RexaError('JOBS_NEWER', [where, version, MIGRATIONS.length]);
  if (version === MIGRATIONS.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec('COMMIT');
  } catch (error) {
    // SQLite rolls back by itself when the disk is full: a second time would hide that error
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function readVersion(database: DatabaseSync): number {
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number };
  return row.user_version;
}

/** SQLITE_IOERR_SHORT_READ: a file was cut while it was open. */
const SHORT_READ = 522;

/** What SQLite says of a file that is none of its own, or is damaged (SQLITE_CORRUPT and SQLITE_NOTADB), or was cut. */
export function isDamage(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && (errcode === SHORT_READ || [11, 26].includes(errcode & 0xff));
}

/**
 * Opens a database as it is used here. Looks through all of it: a damaged page is better found now than in the middle.
 * @throws Error of SQLite; RexaError JOBS_NEWER
 */
export function openDatabase(file: string): DatabaseSync {
  // SQLite would make it readable for all; what it puts beside it has the same mode
  fs.closeSync(fs.openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 1000');
    const check = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    if (check.quick_check !== 'ok') throw Object.assign(new Error(check.quick_check), { errcode: 11 });
    migrate(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { RexaError } from '../../protocol/errors.ts';
import { type JobRecord, jobFolderName, readJobRecord } from './job-record.ts';

type Row = Record<string, SQLOutputValue>;

/** A row as a record, or why it is none. */
export type ReadRecord =
  | { readonly kind: 'record'; readonly record: JobRecord }
  | { readonly kind: 'corrupt'; readonly id: string; readonly error: RexaError };

/** The records in the database: nothing but the words of SQL. All throw errors of SQLite. */
export interface JobTable {
  /** On the disk when it returns, even if the host loses its power: the process is spawned after it. */
  insert(record: JobRecord): void;
  replace(record: JobRecord): void;
  /** The record under this id, or of this folder whose owner could not be read. */
  find(principal: string, id: string): ReadRecord | null;
  /** The newest first. */
  list(principal: string | null): ReadRecord[];
  remove(principal: string, id: string): void;
  /** The names of the folders of all jobs. */
  folders(): Set<string>;
  close(): void;
}

/** The principal of a record that could not be read back: nobody's. Its id is the name of its folder. */
const NOBODY = '?';

const COLUMNS =
  'principal, id, folder, hash, run_id, command, lifetime, created_ms, state, pid, pid_start, boot, ended_ms, outcome, note';
const PLACES = COLUMNS.replaceAll(/\w+/g, '?');

export function openJobTable(database: DatabaseSync): JobTable {
  const insert = database.prepare(`INSERT INTO jobs (${COLUMNS}) VALUES (${PLACES})`);
  const replace = database.prepare(`REPLACE INTO jobs (${COLUMNS}) VALUES (${PLACES})`);
  const find = database.prepare('SELECT * FROM jobs WHERE (principal = ? AND id = ?) OR folder = ?');
  const list = database.prepare('SELECT * FROM jobs ORDER BY created_ms DESC');
  const listOf = database.prepare('SELECT * FROM jobs WHERE principal = ? ORDER BY created_ms DESC');
  const folders = database.prepare('SELECT folder FROM jobs');
  const remove = database.prepare('DELETE FROM jobs WHERE (principal = ? AND id = ?) OR folder = ?');

  return {
    insert(record) {
      // Costs milliseconds, and only here: with less a power failure could forget an id that was used
      database.exec('PRAGMA synchronous = FULL');
      try {
        insert.run(...writeRow(record));
      } finally {
        database.exec('PRAGMA synchronous = NORMAL');
      }
    },
    replace: (record) => void replace.run(...writeRow(record)),
    find(principal, id) {
      const row = find.get(principal, id, jobFolderName(principal, id));
      return row === undefined ? null : readRow(row, id);
    },
    list: (principal) =>
      (principal === null ? list.all() : listOf.all(principal)).map((row) => readRow(row, String(row['id']))),
    remove: (principal, id) => void remove.run(principal, id, jobFolderName(principal, id)),
    folders: () => new Set(folders.all().map((row) => String(row['folder']))),
    close: () => database.close(),
  };
}

/** A row that stands for a folder whose record can't be read: its id must not be run again. */
export function makeCorruptRecord(folder: string, createdMs: number): JobRecord {
  return {
    principal: NOBODY,
    id: folder,
    hash: '',
    runId: '',
    command: { line: '' },
    lifetime: 'detached',
    createdMs,
    state: 'lost',
    pid: null,
    pidStart: null,
    boot: '',
    endedMs: createdMs,
    outcome: null,
    note: null,
  };
}

function writeRow(record: JobRecord): (string | number | null)[] {
  const folder = record.principal === NOBODY ? record.id : jobFolderName(record.principal, record.id);
  return [
    record.principal,
    record.id,
    folder,
    record.hash,
    record.runId,
    JSON.stringify(record.command),
    JSON.stringify(record.lifetime),
    record.createdMs,
    record.state,
    record.pid,
    record.pidStart,
    record.boot,
    record.endedMs,
    record.outcome === null ? null : JSON.stringify(record.outcome),
    record.note,
  ];
}

function readRow(row: Row, id: string): ReadRecord {
  try {
    if (row['principal'] === NOBODY) throw new RexaError('JOB_RECORD_CORRUPT', [id, 'its header is damaged']);
    const record = readJobRecord(id, {
      principal: row['principal'],
      id: row['id'],
      hash: row['hash'],
      runId: row['run_id'],
      command: readJson(row['command']),
      lifetime: readJson(row['lifetime']),
      createdMs: row['created_ms'],
      state: row['state'],
      pid: row['pid'],
      pidStart: row['pid_start'],
      boot: row['boot'],
      endedMs: row['ended_ms'],
      outcome: readJson(row['outcome']),
      note: row['note'],
    });
    return { kind: 'record', record };
  } catch (error) {
    const told =
      error instanceof RexaError
        ? error
        : new RexaError('JOB_RECORD_CORRUPT', [id, String(error)], { cause: error });
    return { kind: 'corrupt', id, error: told };
  }
}

function readJson(text: SQLOutputValue | undefined): unknown {
  return text === null || text === undefined ? null : JSON.parse(String(text));
}

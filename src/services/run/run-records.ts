import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../places/make-folder.ts';
import { bootId } from '../../process/system/boot-id.ts';
import { readProcess } from '../../process/system/process-table.ts';
import type { SystemCalls } from '../../process/system/system-calls.ts';
import type { Facts, Log } from '../../runtime/log.ts';
import { type Journal, type JournalLine, openJournal, type RunRecord } from './run-journal.ts';

/** A run's record on disk. */
export interface OpenRecord {
  readonly mark: string;
  setPid(pid: number): void;
  /** Its end is audited. */
  remove(): void;
}

/** The runs of one daemon that are under way, on disk, so that the next daemon knows what a dead one left. */
export interface RunRecords {
  /** Writes the record of a run that is about to begin. A record that can't be written is logged, and the run goes on. */
  open(facts: Facts, audit: string | null, job: RunRecord['job']): OpenRecord;
  /** Releases the lock: the next daemon settles what is still open. */
  close(): void;
}

/** Held by a living daemon; freed by the system when it dies. */
export const LOCK_NAME = 'lock';
export const JOURNAL_NAME = 'journal';

/**
 * Makes the folder of this daemon's records, `FOLDER/INSTANCE`, and locks it for the daemon's life.
 * @param folder where all daemons of this user have theirs; made with mode 0700
 */
export function openRunRecords(folder: string, system: SystemCalls, log: Log): RunRecords {
  const instance = randomUUID();
  const own = path.join(folder, instance);
  const boot = bootId();
  let journal: Journal | null = null;
  let lock: number | null = null;
  let count = 0;
  let isClosed = false;

  function attempt<T>(what: () => T): T | null {
    try {
      return what();
    } catch (error) {
      log.error('the record of a run cannot be written: after a crash its end is not audited', {
        error: String(error),
      });
      return null;
    }
  }

  function write(mark: string, line: JournalLine): void {
    if (isClosed) return;
    attempt(() => {
      journal ??= openJournal(path.join(own, JOURNAL_NAME));
      journal.write(mark, line);
    });
  }

  attempt(() => {
    makeFolder(own);
    lock = fs.openSync(path.join(own, LOCK_NAME), 'w', 0o600);
    system.lockFile(lock);
  });
  return {
    open(facts, audit, job) {
      const mark = `${instance}.${++count}`;
      write(mark, { open: { mark, boot, startedAtMs: Date.now(), audit, facts, job } });
      return {
        mark,
        setPid(pid) {
          write(mark, { spawned: mark, as: { pid, pidStart: readProcess(pid)?.startTime ?? null } });
        },
        remove: () => write(mark, { end: mark }),
      };
    },
    close() {
      isClosed = true;
      journal?.close();
      if (lock !== null) fs.closeSync(lock);
    },
  };
}

/** Names the runs of a daemon that keeps no records: after a crash nobody ends what is left of them. */
export function withoutRunRecords(): RunRecords {
  const instance = randomUUID();
  let count = 0;
  return {
    open: () => ({ mark: `${instance}.${++count}`, setPid: () => undefined, remove: () => undefined }),
    close: () => undefined,
  };
}

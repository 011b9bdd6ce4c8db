import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../places/make-folder.ts';
import { bootId } from '../../process/system/boot-id.ts';
import { readProcess } from '../../process/system/process-table.ts';
import type { SystemCalls } from '../../process/system/system-calls.ts';
import type { Facts, Log } from '../log.ts';

/** A job of the supervisor, as it is asked about. */
export interface JobName {
  readonly owner: string;
  readonly id: string;
}

/** What stands on disk of a run that has begun and whose end is not audited yet. */
export interface RunRecord {
  /** REXA_RUN_ID of its processes: this daemon's instance and a number, since ids come from clients. */
  readonly mark: string;
  readonly boot: string;
  /** When it began, milliseconds since 1970. */
  readonly startedAtMs: number;
  /** The audit file in which its end is to stand; null: the log. */
  readonly audit: string | null;
  readonly facts: Facts;
  /** Null: a plain run, which ends with its daemon. */
  readonly job: JobName | null;
}

/** The second line of a record, once the command is spawned: with the start time, no other process is taken for it. */
export interface RecordedProcess {
  readonly pid: number;
  /** As ProcessEntry has it; null where the system does not tell. */
  readonly pidStart: number | null;
}

/** A run's record on disk. */
export interface OpenRecord {
  readonly mark: string;
  setPid(pid: number): void;
  /** Its end is audited. */
  remove(): void;
}

/** The runs of one daemon that are under way, on disk: one file each, so that the next daemon knows what a dead one left. */
export interface RunRecords {
  /** Writes the record of a run that is about to begin. A record that can't be written is logged, and the run goes on. */
  open(facts: Facts, audit: string | null, job: JobName | null): OpenRecord;
}

/** Held by a living daemon; freed by the system when it dies. */
export const LOCK_NAME = 'lock';

/**
 * Makes the folder of this daemon's records, `FOLDER/INSTANCE`, and locks it for the daemon's life.
 * @param folder where all daemons of this user have theirs; made with mode 0700
 */
export function openRunRecords(folder: string, system: SystemCalls, log: Log): RunRecords {
  const instance = randomUUID();
  const own = path.join(folder, instance);
  let count = 0;

  function attempt(what: () => void): void {
    try {
      what();
    } catch (error) {
      log.error('the record of a run cannot be written: after a crash its end is not audited', {
        error: String(error),
      });
    }
  }

  attempt(() => {
    makeFolder(own);
    system.lockFile(fs.openSync(path.join(own, LOCK_NAME), 'w', 0o600));
  });
  return {
    open(facts, audit, job) {
      const mark = `${instance}.${++count}`;
      const file = path.join(own, String(count));
      const record: RunRecord = {
        mark,
        boot: bootId(),
        startedAtMs: Date.now(),
        audit,
        facts,
        job,
      };
      attempt(() => fs.writeFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o600, flag: 'wx' }));
      return {
        mark,
        setPid(pid) {
          const found: RecordedProcess = { pid, pidStart: readProcess(pid)?.startTime ?? null };
          attempt(() => fs.appendFileSync(file, JSON.stringify(found)));
        },
        remove: () => attempt(() => fs.rmSync(file, { force: true })),
      };
    },
  };
}

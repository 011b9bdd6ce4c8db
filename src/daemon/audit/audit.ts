import fs from 'node:fs';
import path from 'node:path';
import { describePrincipal, describeRelay, type Principal } from '../../auth/principal.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import { escapeJson } from '../../protocol/show-text.ts';
import type { Facts, Log } from '../../runtime/log.ts';
import type { RunRequest } from '../../services/run/messages.ts';
import { createLineAppender } from './append-lines.ts';
import { cutFacts } from './cut-facts.ts';
import { describeOutcome } from './recover-runs.ts';
import type { JobName, RunRecord } from './run-journal.ts';
import type { OpenRecord, RunRecords } from './run-records.ts';

/** What `decide` gives; what it throws is audited. */
export function auditRefusal<T>(audit: Audit, principal: Principal, decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    audit.refuse(principal, error);
    throw error;
  }
}

/** The record of every decision and every command: one line each, with who, what and what became of it. */
export interface Audit {
  /** A connection was taken or refused. */
  decide(decision: 'accepted' | 'refused', principal: Principal, facts?: Facts): void;
  /** A connection came to no login. The log tells it too: that is where its peer's reference is looked up. */
  turnAway(facts: Facts): void;
  /** Something was asked for over a connection that was taken, and came to nothing before it was a run. */
  refuse(principal: Principal, error: unknown, facts?: Facts): void;
  /** Something else was done for a client. */
  note(event: string, principal: Principal, facts: Facts): void;
  openRun(request: RunRequest, principal: Principal): RunAudit;
  /** Writes the end of a run of a daemon that is dead, where that daemon would have written it. */
  endForeign(record: RunRecord, end: Facts): void;
  /** Closes the file. What is audited after that goes to the log. */
  close(): void;
}

/** The two lines of one command: before it is spawned, and when its end is known. */
export interface RunAudit {
  /**
   * Writes `run-started`. It comes before the spawn: whatever dies from then on, there is a line of it.
   * @param job null for a run that ends with this daemon
   * @returns the mark of its processes
   */
  start(job: JobName | null): string;
  setPid(pid: number): void;
  /** Writes `run-ended`. */
  close(outcome: Outcome): void;
  /** Nothing was run: `run-refused`, or `run-ended` where `run-started` is there. */
  refuse(error: unknown): void;
}

/**
 * @param file where the lines are appended as JSON (`--audit`, made with mode 0600); null: they go to the log
 * @throws RexaError AUDIT_FAILED
 */
export function openAudit(file: string | null, log: Log, records: RunRecords): Audit {
  const place = file === null ? null : path.resolve(file);
  const own = place === null ? null : openLines(place, log);
  const write = own?.write ?? log.info;

  return {
    decide: (decision, principal, facts = {}) =>
      write(`connection ${decision}`, { ...describePrincipal(principal), ...facts }),
    turnAway(facts) {
      write('connection refused', facts);
      if (place !== null) log.info('connection refused', facts);
    },
    refuse: (principal, error, facts = {}) =>
      write('request refused', { ...describePrincipal(principal), ...facts, ...describeError(error) }),
    note: (event, principal, facts) => write(event, { ...describePrincipal(principal), ...facts }),
    openRun(request, principal) {
      const run = cutFacts({
        ...describeRunner(principal),
        id: request.id,
        command: request.command,
        cwd: request.cwd ?? null,
      });
      let record: OpenRecord | null = null;
      function end(facts: Facts): void {
        write(record === null ? 'run-refused' : 'run-ended', { ...run, run: record?.mark, ...facts });
        record?.remove();
      }
      return {
        start(job) {
          record = records.open(run, place, job);
          write('run-started', { ...run, run: record.mark });
          return record.mark;
        },
        setPid: (pid) => record?.setPid(pid),
        close: (outcome) => end(describeOutcome(outcome)),
        refuse: (error) =>
          end({ outcome: record === null ? 'refused' : 'not-started', ...describeError(error) }),
      };
    },
    endForeign({ audit, facts, mark }, found) {
      const end = { ...facts, run: mark, ...found };
      if (audit === place) return write('run-ended', end);
      if (audit === null) return log.info('run-ended', end);
      const other = openLines(audit, log);
      other.write('run-ended', end);
      other.close();
    },
    close: () => own?.close(),
  };
}

/** A file of lines of JSON. */
interface AuditFile {
  /** Appends one line. One that can't be written goes to the log. */
  readonly write: (event: string, facts: Facts) => void;
  readonly close: () => void;
}

function openLines(file: string, log: Log): AuditFile {
  const descriptor = openFile(file);
  const append = createLineAppender(descriptor);
  let isClosed = false;
  return {
    write(event, facts) {
      // Its descriptor may be another file's by now
      if (isClosed) return log.info(event, facts);
      const found = cutFacts(facts);
      try {
        append(escapeJson(JSON.stringify({ time: new Date().toISOString(), event, ...found })));
      } catch (error) {
        log.error('the audit file cannot be written', { error: String(error), event, ...found });
      }
    },
    close() {
      isClosed = true;
      fs.closeSync(descriptor);
    },
  };
}

/** Whose run it is, and what runs in place of what was asked for. */
function describeRunner(principal: Principal): Facts {
  if (principal.login === null) return { uid: principal.uid, ...describeRelay(principal.relay) };
  const { command } = principal.login.grant;
  return { ...describePrincipal(principal), ...(command === null ? {} : { forcedCommand: command }) };
}

function openFile(file: string): number {
  try {
    return fs.openSync(file, 'a', 0o600);
  } catch (cause) {
    throw new RexaError('AUDIT_FAILED', [file, cause instanceof Error ? cause.message : String(cause)], {
      cause,
    });
  }
}

function describeError(error: unknown): Facts {
  return {
    code: error instanceof RexaError ? error.code : null,
    reason: error instanceof Error ? error.message : String(error),
  };
}

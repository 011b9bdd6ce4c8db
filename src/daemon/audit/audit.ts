import fs from 'node:fs';
import path from 'node:path';
import { describePrincipal, type Principal } from '../../auth/principal.ts';
import { causedBy } from '../../protocol/caused-by.ts';
import { escapeJson } from '../../protocol/show-text.ts';
import { createLineAppender } from '../../runtime/append-lines.ts';
import type { Facts, Log } from '../../runtime/log.ts';
import { type AuditLines, describeError } from '../../services/audit-lines.ts';
import { cutFacts } from '../../services/cut-facts.ts';

/** The record of every decision and every command: one line each, with who, what and what became of it. */
export interface Audit extends AuditLines {
  /** A connection was taken or refused. */
  decide(decision: 'accepted' | 'refused', principal: Principal, facts?: Facts): void;
  /** A connection came to no login. The log tells it too: that is where its peer's reference is looked up. */
  turnAway(facts: Facts): void;
  /** Something was asked for over a connection that was taken, and came to nothing. */
  refuse(principal: Principal, error: unknown, facts?: Facts): void;
  /** Closes the file. What is audited after that goes to the log. */
  close(): void;
}

/**
 * @param file where the lines are appended as JSON (`--audit`, made with mode 0600); null: they go to the log
 * @throws RexaError AUDIT_FAILED
 */
export function openAudit(file: string | null, log: Log): Audit {
  const place = file === null ? null : path.resolve(file);
  const own = place === null ? null : openLines(place, log);
  const write = own?.write ?? log.info;

  return {
    place,
    write,
    writeTo(other, event, facts) {
      if (other === place) return write(event, facts);
      if (other === null) return log.info(event, facts);
      const foreign = openLines(other, log);
      foreign.write(event, facts);
      foreign.close();
    },
    decide: (decision, principal, facts = {}) =>
      write(`connection ${decision}`, { ...describePrincipal(principal), ...facts }),
    turnAway(facts) {
      write('connection refused', facts);
      if (place !== null) log.info('connection refused', facts);
    },
    refuse: (principal, error, facts = {}) =>
      write('request refused', { ...describePrincipal(principal), ...facts, ...describeError(error) }),
    note: (event, principal, facts) => write(event, { ...describePrincipal(principal), ...facts }),
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

function openFile(file: string): number {
  try {
    return fs.openSync(file, 'a', 0o600);
  } catch (cause) {
    throw causedBy('AUDIT_FAILED', cause, file);
  }
}

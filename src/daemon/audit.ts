import fs from 'node:fs';
import { RexaError } from '../protocol/errors.ts';
import type { Outcome } from '../protocol/outcome.ts';
import type { RunRequest } from '../protocol/run-messages.ts';
import { escapeJson } from '../protocol/show-text.ts';
import type { Facts, Log } from './log.ts';
import { describePrincipal, type Principal } from './services/principal.ts';

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
}

/** The line of one command, written when its end is known. */
export interface RunAudit {
  close(outcome: Outcome): void;
  refuse(error: unknown): void;
}

/**
 * @param file where the lines are appended as JSON (`--audit`, made with mode 0600); null: they go to the log
 * @throws RexaError AUDIT_FAILED
 */
export function openAudit(file: string | null, log: Log): Audit {
  const descriptor = file === null ? null : openFile(file);

  function write(event: string, facts: Facts): void {
    if (descriptor === null) return log.info(event, facts);
    try {
      fs.writeSync(
        descriptor,
        `${escapeJson(JSON.stringify({ time: new Date().toISOString(), event, ...facts }))}\n`,
      );
    } catch (error) {
      log.error('the audit file cannot be written', { error: String(error), event, ...facts });
    }
  }

  return {
    decide: (decision, principal, facts = {}) =>
      write(`connection ${decision}`, { ...describePrincipal(principal), ...facts }),
    turnAway(facts) {
      write('connection refused', facts);
      if (descriptor !== null) log.info('connection refused', facts);
    },
    refuse: (principal, error, facts = {}) =>
      write('request refused', { ...describePrincipal(principal), ...facts, ...describeError(error) }),
    note: (event, principal, facts) => write(event, { ...describePrincipal(principal), ...facts }),
    openRun(request, principal) {
      const run = {
        ...describeRunner(principal),
        id: request.id,
        command: request.command,
        cwd: request.cwd ?? null,
      };
      return {
        close: ({ name, exitCode, signal, durationMs, survivors }) =>
          write('run', { ...run, outcome: name, exitCode, signal, durationMs, survivors }),
        refuse: (error) => write('run', { ...run, outcome: 'refused', ...describeError(error) }),
      };
    },
  };
}

/** Whose run it is, and what runs in place of what was asked for. */
function describeRunner(principal: Principal): Facts {
  if (principal.login === null) return { uid: principal.uid };
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

import fs from 'node:fs';
import { RexaError } from '../protocol/errors.ts';
import type { Outcome } from '../protocol/outcome.ts';
import type { RunRequest } from '../protocol/run-messages.ts';
import type { Facts, Log } from './log.ts';
import type { Principal } from './services/service.ts';

/** The record of every decision and every command: one line each, with who, what and what became of it. */
export interface Audit {
  /** A connection was taken or refused. */
  decide(decision: 'accepted' | 'refused', principal: Principal, facts?: Facts): void;
  openRun(request: RunRequest, principal: Principal): RunAudit;
}

/** The line of one command, written when its end is known. */
export interface RunAudit {
  close(outcome: Outcome): void;
  refuse(error: unknown): void;
}

/**
 * @param file where the lines are appended as JSON (`--audit`, made with mode 0600); null: they go to the log
 * @throws Error of the system when the file cannot be written
 */
export function openAudit(file: string | null, log: Log): Audit {
  const descriptor = file === null ? null : fs.openSync(file, 'a', 0o600);

  function write(event: string, facts: Facts): void {
    if (descriptor === null) return log.info(event, facts);
    try {
      fs.writeSync(descriptor, `${JSON.stringify({ time: new Date().toISOString(), event, ...facts })}\n`);
    } catch (error) {
      log.error('the audit file cannot be written', { error: String(error), event, ...facts });
    }
  }

  return {
    decide: (decision, principal, facts = {}) => write(`connection ${decision}`, { ...principal, ...facts }),
    openRun(request, principal) {
      const run = { uid: principal.uid, id: request.id, command: request.command, cwd: request.cwd ?? null };
      return {
        close: ({ name, exitCode, signal, durationMs, survivors }) =>
          write('run', { ...run, outcome: name, exitCode, signal, durationMs, survivors }),
        refuse: (error) =>
          write('run', {
            ...run,
            outcome: 'refused',
            code: error instanceof RexaError ? error.code : null,
            reason: error instanceof Error ? error.message : String(error),
          }),
      };
    },
  };
}

import { describePrincipal, type Principal } from '../../auth/principal.ts';
import type { JobOutcome } from '../../protocol/job.ts';
import { type Outcome, outcomeOfRefusal } from '../../protocol/outcome.ts';
import type { Facts } from '../../runtime/log.ts';
import { type AuditLines, describeError } from '../audit-lines.ts';
import { cutFacts } from '../cut-facts.ts';
import type { RunRequest } from './messages.ts';
import { describeOutcome, settleSupervised } from './recover-runs.ts';
import type { RunRecord } from './run-journal.ts';
import type { OpenRecord, RunRecords } from './run-records.ts';

/** The two lines of one command: before it is spawned, and when its end is known. */
export interface RunAudit {
  /**
   * Writes `run-started`. It comes before the spawn: whatever dies from then on, there is a line of it.
   * @param job null for a run that ends with this daemon
   * @returns the mark of its processes; that of before, if it has begun
   */
  start(job: RunRecord['job']): string;
  setPid(pid: number): void;
  /** Writes `run-ended`. */
  close(outcome: Outcome): void;
  /** Writes `run-ended` of a terminal of the supervisor, and ends what is left of its processes. @param outcome null: nobody knows what became of it */
  closeSupervised(outcome: JobOutcome | null): Promise<void>;
  /** Writes the end of a request that failed: `run-refused`, or after `run-started` `run-ended` with its outcome. */
  refuse(error: unknown): void;
}

/** Begins the audit of one run: nothing is written yet. */
export function openRunAudit(
  { audit, records }: { readonly audit: AuditLines; readonly records: RunRecords },
  request: RunRequest,
  principal: Principal,
): RunAudit {
  const run = cutFacts(describeRun(request, principal));
  let record: OpenRecord | null = null;
  function end(facts: Facts): void {
    audit.write(record === null ? 'run-refused' : 'run-ended', { ...run, run: record?.mark, ...facts });
    record?.remove();
  }
  return {
    start(job) {
      if (record !== null) return record.mark;
      record = records.open(run, audit.place, job);
      audit.write('run-started', { ...run, run: record.mark });
      return record.mark;
    },
    setPid: (pid) => record?.setPid(pid),
    close: (outcome) => end(describeOutcome(outcome)),
    closeSupervised: async (outcome) => end(await settleSupervised(record?.mark ?? '', outcome)),
    refuse(error) {
      const facts = describeError(error);
      // What is no error of the catalogue is internal: the command may have run
      const outcome = outcomeOfRefusal(facts.code ?? 'INTERNAL');
      end({ outcome: record === null ? 'refused' : outcome, ...facts });
    },
  };
}

/** Describes whose run it is, what was asked for, and what runs in its place. */
export function describeRun({ id, command, cwd, agent }: RunRequest, principal: Principal): Facts {
  const { pid: _pid, ...who } = describePrincipal(principal);
  const { forcedCommand } = principal.rights;
  return {
    ...who,
    ...(forcedCommand === null ? {} : { forcedCommand }),
    id,
    command,
    cwd: cwd ?? null,
    ...(agent === undefined ? {} : { agent: true }),
  };
}

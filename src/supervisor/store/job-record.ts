import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { commandSchema } from '../../protocol/command.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { AskedCommand, JobOutcome, Lifetime } from '../../protocol/job.ts';
import { lifetimeSchema } from '../../protocol/lifetime.ts';
import { jobOutcomeSchema } from '../../services/jobs/outcome-messages.ts';

/**
 * What is known of a job.
 *
 * | state    | on                                       | next    |
 * |----------|------------------------------------------|---------|
 * | starting | the process was spawned                  | running |
 * | starting | it could not be: nothing was run         | (the record is removed) |
 * | running  | its outcome is known                     | ended   |
 * | starting, running | a supervisor finds it that does not own it: the one that did was killed | lost |
 */
export type JobState = 'starting' | 'running' | 'ended' | 'lost';

/** One job as it is recorded. Times are in ms since 1970. */
export interface JobRecord {
  /** Who asked for it: nobody else sees it. */
  readonly principal: string;
  readonly id: string;
  /** Of what was asked for: another request under the same id has another one. */
  readonly hash: string;
  /** The mark of its processes (REXA_RUN_ID). */
  readonly runId: string;
  /** As the client gave it, for lists. */
  readonly command: AskedCommand;
  readonly lifetime: Lifetime;
  readonly createdMs: number;
  readonly state: JobState;
  readonly pid: number | null;
  /** With the pid and the boot, the identity of the process: `ProcessEntry.startTime`. */
  readonly pidStart: number | null;
  readonly boot: string;
  readonly endedMs: number | null;
  /** Without the receipts of a transcoding: what a job wrote is kept as it was. */
  readonly outcome: JobOutcome | null;
  /** Why it is lost, and what else there is to say. */
  readonly note: string | null;
}

const count = v.pipe(v.number(), v.minValue(0));
const nullableNumber = v.nullable(v.number());

const recordSchema = v.object({
  principal: v.string(),
  id: v.string(),
  hash: v.string(),
  runId: v.string(),
  command: commandSchema,
  lifetime: lifetimeSchema,
  createdMs: count,
  state: v.picklist(['starting', 'running', 'ended', 'lost']),
  pid: nullableNumber,
  pidStart: nullableNumber,
  boot: v.string(),
  endedMs: nullableNumber,
  outcome: v.nullable(jobOutcomeSchema),
  note: v.nullable(v.string()),
});

/**
 * What was read back from a disk, looked at.
 * @throws RexaError JOB_RECORD_CORRUPT
 */
export function readJobRecord(id: string, found: unknown): JobRecord {
  const result = v.safeParse(recordSchema, found, { abortEarly: true });
  const issue = result.success ? null : result.issues[0];
  if (issue) throw new RexaError('JOB_RECORD_CORRUPT', [id, `${v.getDotPath(issue)}: ${issue.message}`]);
  const record = result.output as JobRecord;
  if (record.state === 'ended' && record.outcome === null)
    throw new RexaError('JOB_RECORD_CORRUPT', [id, 'it has ended, and has no outcome']);
  return record;
}

/** The name of a job's folder: ids may hold what names of files may not, and belong to their principal. */
export function jobFolderName(principal: string, id: string): string {
  return createHash('sha256').update(`${principal}\0${id}`).digest('hex').slice(0, 32);
}

/** Whether nothing happens to it any more. */
export function isOver({ state }: Pick<JobRecord, 'state'>): boolean {
  return state === 'ended' || state === 'lost';
}

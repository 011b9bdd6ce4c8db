import type { JobView } from '../../protocol/job.ts';
import type { JobRecord } from '../store/job-record.ts';
import type { ReadRecord } from '../store/job-table.ts';

/** A job as its owner is told of it. */
export function viewOf(found: ReadRecord): JobView {
  if (found.kind === 'corrupt') {
    const unknown = {
      command: null,
      lifetime: null,
      createdMs: null,
      endedMs: null,
      pid: null,
      outcome: null,
    };
    return { id: found.id, state: 'corrupt', ...unknown, note: found.error.message };
  }
  return viewOfRecord(found.record);
}

export function viewOfRecord(record: JobRecord): JobView {
  const { id, state, command, lifetime, createdMs, endedMs, pid, outcome, note } = record;
  return { id, state, command, lifetime, createdMs, endedMs, pid, outcome, note };
}

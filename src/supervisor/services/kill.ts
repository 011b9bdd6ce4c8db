import { isStandardSignal } from '../../process/runner/signals.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { JobView } from '../../protocol/job.ts';
import type { FoundJob, Jobs } from '../jobs/jobs.ts';
import { viewOfRecord } from '../jobs/view.ts';

/**
 * Signals a job's process group, or without a signal ends its whole tree and waits for that.
 * @throws RexaError JOB_ENDED, SIGNAL_UNKNOWN
 */
export async function killJob(found: FoundJob, signal: string | null, jobs: Jobs): Promise<JobView> {
  const { live, record } = found;
  if (live === null) throw new RexaError('JOB_ENDED', [record.id]);
  if (signal === null) {
    live.cancel(' by rexa kill');
    await jobs.untilOver(live);
  } else {
    if (!isStandardSignal(signal)) throw new RexaError('SIGNAL_UNKNOWN', [signal]);
    live.send({ type: 'signal', name: signal });
  }
  return viewOfRecord(live.record);
}

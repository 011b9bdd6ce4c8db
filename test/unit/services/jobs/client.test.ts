import { describe, expect, it } from 'vitest';
import { hostJobs } from '../../../../src/services/jobs/client.ts';
import { JOB_VIEW } from '../../../fixtures/job-view.ts';
import { openClient, openSetup } from '../../../fixtures/link/resumable-pair.ts';

describe('the logs of a job', () => {
  it('say what is missing and why, however close that stands before the last word', async () => {
    const house = await openSetup();
    const logs = hostJobs({ link: await openClient(house), address: 'there' })
      .job('a-job')
      .logs();
    logs.stdout.resume();
    logs.stderr.resume();
    const channel = await (await house.nextLink()).nextChannel();
    channel?.send({ type: 'job', job: JOB_VIEW, repeated: false });
    channel?.send({ type: 'gap', stream: 0, at: 0, bytes: 7 });
    channel?.send({ type: 'trouble', code: 'JOB_SPOOL_GONE', message: 'it is gone' });
    channel?.close({ job: JOB_VIEW });
    const found = { job: JOB_VIEW, missingBytes: 7, trouble: 'it is gone' };
    // The daemon is an older one
    expect(await logs).toEqual({ ...found, encoding: null });
  });
});

import { describe, expect, it } from 'vitest';
import { RexaError } from '../../../src/protocol/errors.ts';
import type { StartJobRequest } from '../../../src/services/jobs/supervisor-messages.ts';
import { createJobs } from '../../../src/supervisor/jobs/jobs.ts';
import type { JobStore } from '../../../src/supervisor/store/job-store.ts';

const REQUEST: StartJobRequest = {
  service: 'start',
  principal: 'uid:1000',
  id: 'a-job',
  hash: 'a-hash',
  command: { argv: ['true'] },
  lifetime: 'detached',
  start: { file: 'true', args: [], cwd: '/', environment: [], stdin: 'none' },
};

describe('the jobs of a supervisor', () => {
  it('go on when the record of one that was not run cannot be removed', async () => {
    const store: JobStore = {
      folderOf: () => '/nowhere',
      insert: () => undefined,
      update: () => true,
      settle: (record) => record,
      find: () => null,
      list: () => [],
      remove() {
        throw new RexaError('JOBS_UNUSABLE', ['/nowhere', 'the disk is full']);
      },
      tidy: () => undefined,
      close: () => undefined,
    };
    const told: string[] = [];
    const start = () => Promise.reject(new RexaError('JOB_TERMINAL'));
    const jobs = createJobs(store, { start }, (message) => told.push(message));
    // Were the failure nobody's, it would end the supervisor, and this test with it
    await expect(jobs.start(REQUEST)).rejects.toMatchObject({ code: 'JOB_TERMINAL' });
    expect(told).toEqual(['the record of a job that was not run cannot be removed']);
    expect(jobs.liveCount).toBe(0);
  });
});

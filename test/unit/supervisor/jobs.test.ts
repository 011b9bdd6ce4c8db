import { describe, expect, it } from 'vitest';
import { RexaError } from '../../../src/protocol/errors.ts';
import { outcomeOfRefusal } from '../../../src/protocol/outcome.ts';
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

function fail(): never {
  throw new RexaError('JOBS_UNUSABLE', ['/nowhere', 'the disk is full']);
}

/** Records nothing. */
function makeStore(changes: Partial<JobStore>): JobStore {
  return {
    folderOf: () => '/nowhere',
    insert: () => undefined,
    update: () => true,
    settle: (record) => record,
    find: () => null,
    list: () => [],
    remove: () => undefined,
    tidy: () => undefined,
    close: () => undefined,
    ...changes,
  };
}

describe('the jobs of a supervisor', () => {
  it.each([
    ['cannot be looked up may have run', { find: fail }, 'JOB_ID_UNCHECKED', 'lost'],
    ['cannot be recorded was not run', { insert: fail }, 'JOBS_UNUSABLE', 'not-started'],
  ])('say that one whose id %s', async (_what, changes, code, outcome) => {
    const start = () => Promise.reject(new Error('something was started'));
    const jobs = createJobs(makeStore(changes), { start }, () => undefined);
    await expect(jobs.start(REQUEST)).rejects.toMatchObject({ code });
    expect(outcomeOfRefusal(code)).toBe(outcome);
  });

  it('go on when the record of one that was not run cannot be removed', async () => {
    const store = makeStore({ remove: fail });
    const told: string[] = [];
    const start = () => Promise.reject(new RexaError('JOB_TERMINAL'));
    const jobs = createJobs(store, { start }, (message) => told.push(message));
    // Were the failure nobody's, it would end the supervisor, and this test with it
    await expect(jobs.start(REQUEST)).rejects.toMatchObject({ code: 'JOB_TERMINAL' });
    expect(told).toEqual(['the record of a job that was not run cannot be removed']);
    expect(jobs.liveCount).toBe(0);
  });
});

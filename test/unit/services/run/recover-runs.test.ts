import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bootId } from '../../../../src/process/system/boot-id.ts';
import type { SystemCalls } from '../../../../src/process/system/system-calls.ts';
import { recoverRuns } from '../../../../src/services/run/recover-runs.ts';
import type { RunRecord } from '../../../../src/services/run/run-journal.ts';
import { JOURNAL_NAME, LOCK_NAME } from '../../../../src/services/run/run-records.ts';
import { makeTestFolder } from '../../../fixtures/auth/fixtures.ts';

const RECORD: RunRecord = {
  mark: 'dead.1',
  boot: bootId(),
  startedAtMs: 1,
  audit: null,
  facts: { session: 'work', id: 'chosen-by-a-client' },
  job: { session: 'chosen-by-a-client' },
};

it('audits what becomes of the session of a daemon that is dead, by the mark that it made', async () => {
  const folder = makeTestFolder();
  const own = join(folder, 'dead');
  mkdirSync(own);
  writeFileSync(join(own, LOCK_NAME), '');
  writeFileSync(join(own, JOURNAL_NAME), `${JSON.stringify({ open: RECORD })}\n`);
  const audited: unknown[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  await recoverRuns({
    folder,
    system: { lockFile: () => 'locked' } as unknown as SystemCalls,
    log,
    audit: {
      writeTo: (_place, event, { session, reason }) => audited.push([event, session, reason]),
    },
    watchJob: () => Promise.resolve(null),
    async watchSession(mark, handleRecordingFailed) {
      handleRecordingFailed?.(`${mark} is full`);
      return null;
    },
  });
  expect(audited).toEqual([
    ['recording-failed', 'work', 'dead.1 is full'],
    ['session-ended', 'work', expect.stringContaining('is gone')],
  ]);
});

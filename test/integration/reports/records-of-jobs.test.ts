import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { makeJobHome, signal } from '../../fixtures/jobs.ts';
import { mountSmallDisk } from '../../fixtures/small-disk.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const IDS = Array.from({ length: 8 }, (_, index) => `job-${index}`);

describe('an id that was used', () => {
  it.each([
    ['the write-ahead log is cut to half', 'jobs.db-wal', 0.5],
    ['the write-ahead log is empty', 'jobs.db-wal', 0],
    ['the database is cut to half', 'jobs.db', 0.5],
    ['the database is empty', 'jobs.db', 0],
  ])('is never run again when %s under a dead or a live supervisor', async (_what, name, share) => {
    for (const isKilled of [true, false]) {
      await using home = makeJobHome();
      await using daemon = await startDaemon({ env: home.env });
      await using host = await connect(daemon.address);
      const count = join(home.folder, 'count');
      const runOnce = (id: string) =>
        host.run(`echo ${id} >>${count}; echo out of ${id}`, { shell: true, id, reject: false });
      for (const id of IDS) await runOnce(id);
      if (isKilled) {
        for (const pid of home.supervisors()) signal(pid, 'SIGKILL');
        await waitUntil('the supervisor is gone', () => home.supervisors().length === 0);
      }
      const file = join(home.jobs, name);
      if (existsSync(file)) truncateSync(file, Math.floor(statSync(file).size * share));
      for (const id of IDS) {
        const { outcome, stdout, repeated } = await runOnce(id);
        expect([outcome, stdout, repeated]).toEqual(['exited', `out of ${id}\n`, true]);
      }
      expect((await runOnce('next')).repeated).toBe(false);
      expect(readFileSync(count, 'utf8')).toBe([...IDS, 'next'].map((id) => `${id}\n`).join(''));
    }
  });
});

describe('a supervisor that is told to leave while an outcome cannot be written', () => {
  it('leaves after one more try; the outcome is told from the folder, or the job is lost', async () => {
    await using home = makeJobHome();
    using disk = mountSmallDisk(home.jobs);
    if (disk === null) throw new Error('this test needs the right to mount a tmpfs');
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const go = join(home.folder, 'go');
    const run = host.run(`until [ -e ${go} ]; do sleep 0.05; done; exit 7`, {
      shell: true,
      id: 'job',
      reject: false,
    });
    await run.pid;
    disk.leave(0);
    const log = () => readFileSync(join(home.folder, '.local/state/rexa/keeper.log'), 'utf8');
    writeFileSync(go, '');
    expect((await run).exitCode).toBe(7);
    await waitUntil('the outcome could not be written', () => log().includes('cannot be written'));
    const [pid = 0] = home.supervisors();
    signal(pid, 'SIGTERM');
    await waitUntil('the supervisor has left', () => home.supervisors().length === 0);
    expect(log()).toMatch(/the outcome of a job could not be recorded id="job"/);
    expect(log()).not.toMatch(/nothing was run/);
    disk.leave(512 * 1024);
    const again = await host.job('job').wait({ reject: false });
    if (again.outcome === 'exited') expect(again.exitCode).toBe(7);
    else expect([again.outcome, again.code]).toEqual(['lost', 'JOB_LOST']);
  });
});

import { appendFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { makeJobHome, signal } from '../../fixtures/jobs.ts';
import { mountSmallDisk } from '../../fixtures/small-disk.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

/** More than one file of a spool, so that another has to be made. */
const MUCH = 40 * 1024 * 1024;
/** Of a tmpfs. */
const PAGE_BYTES = 4096;
const NOISY = (go: string) => `until [ -e ${go} ]; do sleep 0.02; done; head -c ${MUCH} /dev/zero; exit 3`;

describe('a spool that is taken away while its job runs', () => {
  it('leaves a detached job alone, and others: its outcome is true, and what is missing is told', async () => {
    await using home = makeJobHome();
    const go = join(home.folder, 'go');
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const run = host.run(NOISY(go), {
      shell: true,
      id: 'bad',
      lifetime: 'detached',
      buffer: false,
      reject: false,
    });
    await run.pid;
    run.abandon();
    for (const folder of home.spools()) rmSync(folder, { recursive: true });
    const good = await host.run('echo', ['good'], { id: 'good' });
    writeFileSync(go, '');
    const waited = await host.job('bad').wait({ reject: false });
    expect([waited.outcome, waited.exitCode, waited.bytes.stdout]).toEqual(['exited', 3, MUCH]);
    const attached = await host.job('bad').attach({ reject: false });
    expect([attached.outcome, attached.truncated]).toEqual(['exited', true]);
    expect(attached.missing.reason).toMatch(/the output of the job bad was removed/);
    expect((await host.job('good').attach()).stdout).toBe(good.stdout);
  });

  it('ends a job whose client waits for the whole reply, and says why', async () => {
    await using home = makeJobHome();
    const go = join(home.folder, 'go');
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const run = host.run(NOISY(go), { shell: true, id: 'bad', buffer: false, reject: false });
    run.stdout.resume();
    run.stderr.resume();
    await run.pid;
    for (const folder of home.spools()) rmSync(folder, { recursive: true });
    writeFileSync(go, '');
    const result = await run;
    expect(result.outcome).toBe('canceled');
    expect(result.reason).toMatch(/cannot store the output of the job bad: ENOENT/);
    expect(result.truncated).toBe(true);
  });
});

describe('a full disk', () => {
  it('is told for the job that it concerns; when there is room again, others run', async ({ skip }) => {
    await using home = makeJobHome();
    using disk = mountSmallDisk(home.jobs);
    if (disk === null) return skip('no disk can be mounted here');
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const line = 'head -c 4000000 /dev/zero; exit 3';
    const ended = await host.run(line, { shell: true, id: 'client', reject: false });
    expect([ended.outcome, ended.truncated]).toEqual(['canceled', true]);
    expect(ended.reason).toMatch(/cannot store the output of the job .*: ENOSPC/);
    const filler = join(home.jobs, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(2 << 20))).toThrow(/ENOSPC/);
    const unrecorded = await host.run(line, { shell: true, id: 'x', lifetime: 'detached', reject: false });
    expect(unrecorded).toMatchObject({ outcome: 'not-started', code: 'JOBS_UNUSABLE' });
    expect((await host.run('echo', ['ordinary runs need no disk'])).exitCode).toBe(0);
    rmSync(filler);
    const next = await host.run(line, { shell: true, id: 'x', lifetime: 'detached', reject: false });
    expect([next.outcome, next.exitCode, next.truncated]).toEqual(['exited', 3, true]);
    expect(next.missing.bytes).toBeGreaterThan(0);
    expect(next.bytes.stdout).toBe(4_000_000);
  });
});

describe('a full disk for the records and the log of the supervisor', () => {
  it('costs no running job: its outcome is true, and is recorded once there is room again', async ({
    skip,
  }) => {
    await using home = makeJobHome();
    const state = join(home.folder, '.local/state/rexa');
    using disk = mountSmallDisk(state);
    if (disk === null) return skip('no disk can be mounted here');
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const go = join(home.folder, 'go');
    const line = `until [ -e ${go} ]; do sleep 0.02; done; exit 3`;
    const run = host.run(line, { shell: true, id: 'job', lifetime: 'detached', reject: false });
    await run.pid;
    const supervisors = home.supervisors();
    disk.leave(0);
    // The last page of a file has room on a full disk
    const log = join(state, 'keeper.log');
    appendFileSync(log, '\n'.repeat(PAGE_BYTES - (statSync(log).size % PAGE_BYTES)));
    writeFileSync(go, '');
    const result = await run;
    expect([result.outcome, result.exitCode]).toEqual(['exited', 3]);
    disk.leave(256 * 1024);
    await waitUntil('it is recorded', async () => {
      const jobs = await host.jobs();
      return jobs.every(({ state: is }) => is === 'ended');
    });
    expect(home.supervisors()).toEqual(supervisors);
  });
});

describe('damage', () => {
  it('of a record and of an output concerns that job alone', async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    for (const id of ['record', 'output', 'good']) await host.run('echo', [id], { id });
    const database = new DatabaseSync(join(home.jobs, 'jobs.db'));
    const { folder } = database.prepare("SELECT folder FROM jobs WHERE id = 'record'").get() as {
      folder: string;
    };
    rmSync(join(home.jobs, folder, 'job.json'));
    database.exec("UPDATE jobs SET outcome = '{' WHERE id = 'record'");
    const bad = database.prepare("SELECT folder FROM jobs WHERE id = 'output'").get() as { folder: string };
    database.close();
    writeFileSync(join(home.jobs, bad.folder, '00000000'), 'x'.repeat(100));

    const record = await host.run('echo', ['record'], { id: 'record', reject: false });
    expect([record.outcome, record.code]).toEqual(['lost', 'JOB_RECORD_CORRUPT']);
    const output = await host.run('echo', ['output'], { id: 'output', reject: false });
    expect([output.outcome, output.exitCode, output.truncated]).toEqual(['exited', 0, true]);
    expect(output.missing.reason).toMatch(/cannot read the output of the job output/);
    expect((await host.run('echo', ['good'], { id: 'good' })).stdout).toBe('good\n');
    const states = (await host.jobs()).map(({ id, state }) => `${id} ${state}`);
    expect(states.toSorted()).toEqual(['good ended', 'output ended', 'record corrupt']);
  });

  it('of the database is mended by the next supervisor: nothing is forgotten, and nothing run twice', async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const first = await host.run('sh', ['-c', 'echo $$'], { id: 'once' });
    for (const pid of home.supervisors()) signal(pid, 'SIGTERM');
    await waitUntil('the supervisor has left', () => home.supervisors().length === 0);
    truncateSync(join(home.jobs, 'jobs.db'), 3000);
    const second = await host.run('sh', ['-c', 'echo $$'], { id: 'once' });
    expect([second.stdout, second.repeated]).toEqual([first.stdout, true]);
    expect(readdirSync(home.jobs)).toContain('jobs.db.damaged');
  });
});

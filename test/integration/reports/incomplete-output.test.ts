import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { type JobHome, makeJobHome, signal } from '../../fixtures/jobs.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { mountSmallDisk } from '../../fixtures/small-disk.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const KIB = 1024;
const WRITTEN = 30_000;
const WRITE = ['sh', '-c', `head -c ${WRITTEN} /dev/zero | tr '\\0' x; echo err >&2`];
/** From too little for a record of the job to more than its output takes. */
const FREE_KIB = [4, 12, 20, 28, 36, 44, 52, 80];

describe('a job whose output meets a full disk', () => {
  it.each(['with-client', 'detached'] as const)(
    'never succeeds for a waiting client unless all bytes arrived, however little is free: %s',
    async (lifetime) => {
      await using home = makeJobHome();
      using disk = mountSmallDisk(home.jobs);
      if (disk === null) throw new Error('this test needs the right to mount a tmpfs');
      await using daemon = await startDaemon({ env: home.env });
      await using host = await connect(daemon.address);
      const codes = new Set<string>();
      // The supervisor and its database are there before the disk is full
      await host.run('true', [], { id: 'first' });
      for (const kib of FREE_KIB) {
        disk.leave(kib * KIB);
        const id = `job-${kib}`;
        const [file = '', ...args] = WRITE;
        const result = await host.run(file, args, { id, lifetime, reject: false });
        const isWhole = result.stdout.length === WRITTEN && result.stderr === 'err\n';
        codes.add(result.code ?? 'none');
        if (result.code === null) expect([kib, isWhole, result.exitCode]).toEqual([kib, true, 0]);
        else {
          await expect(host.run(file, args, { id, lifetime }), `${kib} KiB`).rejects.toThrow(
            /output|nothing was run/,
          );
          const { status } = await runRexa(['run', '-n', '--id', id, daemon.address, '--', ...WRITE]);
          expect([kib, status]).toEqual([kib, 125]);
        }
      }
      expect(codes).toContain('none');
      expect(codes).toContain('JOB_SPOOL_FAILED');
    },
  );
});

/** Stops the supervisor, so that the next one reads everything from the disk. */
async function restartSupervisor(home: JobHome): Promise<void> {
  for (const pid of home.supervisors()) signal(pid, 'SIGTERM');
  await waitUntil('the supervisor has left', () => home.supervisors().length === 0);
}

function flipBit(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at);
  writeFileSync(file, bytes);
}

const DAMAGES: readonly (readonly [string, (folder: string) => void])[] = [
  ['folder is gone', (folder) => rmSync(folder, { recursive: true })],
  ['files are gone', (folder) => rmSync(join(folder, '00000000'))],
  ['file is empty', (folder) => truncateSync(join(folder, '00000000'), 0)],
  ['file is cut at its first record', (folder) => truncateSync(join(folder, '00000000'), 28)],
  ['file is cut in a record', (folder) => truncateSync(join(folder, '00000000'), 60)],
  ['bytes have a flipped bit', (folder) => flipBit(join(folder, '00000000'), 28 + 20 + 5)],
  ['file head has a flipped bit', (folder) => flipBit(join(folder, '00000000'), 10)],
  [
    'place is taken by a folder',
    (folder) => {
      rmSync(join(folder, '00000000'));
      mkdirSync(join(folder, '00000000'));
    },
  ],
];

async function endJob(home: JobHome, daemon: TestDaemon): Promise<string> {
  await using host = await connect(daemon.address);
  await host.run('sh', ['-c', 'echo some output of a job; echo more >&2'], { id: 'job' });
  await restartSupervisor(home);
  const [spool = ''] = home.spools();
  expect(readdirSync(spool)).toContain('00000000');
  return spool;
}

describe('an ended job', () => {
  it.each(DAMAGES)('whose %s is 125 for every reader, and rejects', async (_what, damage) => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    damage(await endJob(home, daemon));
    await using host = await connect(daemon.address);
    const line = 'echo some output of a job; echo more >&2';
    await expect(host.run('sh', ['-c', line], { id: 'job' })).rejects.toMatchObject({
      result: { outcome: 'exited', exitCode: 0, truncated: true, repeated: true },
    });
    await expect(host.job('job').attach()).rejects.toThrow(/exited with code 0, but/);
    for (const words of [
      ['run', '-n', '--id', 'job', daemon.address, '--', 'sh', '-c', line],
      ['attach', '-n', daemon.address, 'job'],
      ['logs', daemon.address, 'job'],
    ]) {
      const { status, stderr } = await runRexa(words);
      expect([words[0], status]).toEqual([words[0], 125]);
      expect(stderr).toMatch(/output/);
    }
    // The exit status alone is known, and asks for no output
    expect((await runRexa(['wait', daemon.address, 'job'])).status).toBe(0);
  });

  it.each([true, false])(
    'fails host.execa that asks for its lost output again, with reject: %s',
    async (reject) => {
      await using home = makeJobHome();
      await using daemon = await startDaemon({ env: home.env });
      await using host = await connect(daemon.address);
      const options = { id: 'job', reject } as const;
      await host.execa('echo', ['some output'], options);
      await restartSupervisor(home);
      for (const folder of home.spools()) rmSync(folder, { recursive: true });
      const again = host.execa('echo', ['some output'], options);
      const error: unknown = await (reject
        ? again.then(
            () => null,
            (failure: unknown) => failure,
          )
        : again);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ name: 'ExecaError', failed: true, exitCode: 0, outcome: 'exited' });
      expect((error as { code: unknown }).code).toBe('JOB_SPOOL_GONE');
    },
  );

  it('that wrote nothing is whole without its folder', async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    await host.run('true', [], { id: 'silent' });
    for (const folder of home.spools()) rmSync(folder, { recursive: true });
    expect((await host.run('true', [], { id: 'silent' })).exitCode).toBe(0);
  });
});

describe('a lost job', () => {
  it('is printed by `rexa logs` with a warning and status 0, and is 125 for those who want its outcome', async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const run = host.run('sh', ['-c', 'echo begun; exec sleep 1000'], { id: 'job', reject: false });
    await new Promise((resolve) => run.stdout.once('data', resolve));
    for (const pid of home.supervisors()) signal(pid, 'SIGKILL');
    expect((await run).outcome).toBe('lost');
    const logs = await runRexa(['logs', daemon.address, 'job']);
    expect([logs.status, logs.stdout.toString()]).toEqual([0, 'begun\n']);
    expect(logs.stderr).toMatch(/the job is lost: the supervisor that ran it was killed/);
    expect((await runRexa(['wait', daemon.address, 'job'])).status).toBe(125);
    expect((await runRexa(['attach', '-n', daemon.address, 'job'])).status).toBe(125);
  });
});

describe('the line that stands in the place of missing output', () => {
  it('stands in the output of every reader, at the same place', async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    const spool = await endJob(home, daemon);
    truncateSync(join(spool, '00000000'), 28);
    await using host = await connect(daemon.address);
    const outputs = new Set<string>();
    for (let round = 0; round < 50; round++) {
      const { stdout, stderr } = await host.job('job').attach({ reject: false });
      outputs.add(JSON.stringify([stdout, stderr]));
    }
    expect([...outputs]).toEqual([
      JSON.stringify(['\n[rexa: 21 bytes are missing here]\n', '\n[rexa: 5 bytes are missing here]\n']),
    ]);
  });
});

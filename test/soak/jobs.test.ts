import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { connect, type RunResult } from '../../src/client/index.ts';
import { startDaemon } from '../fixtures/daemon.ts';
import { type JobHome, makeJobHome, signal } from '../fixtures/jobs.ts';
import { readPeakMiB } from '../fixtures/memory.ts';
import { createRandom, type Random } from '../fixtures/ready-start/random.ts';
import { shareOf } from './share.ts';

const SEED = Number(process.env['REXA_SEED'] ?? 1);
const JOBS_PER_ROUND = 4;
/** A kill comes at most so long after the requests: in their middle, or in that of the jobs. It is what is tested. */
const LONGEST_MS = 250;
const LINES = 3000;
const PEAK_MIB = 150;
const EXPECTED = Array.from({ length: LINES }, (_, index) => `${index + 1}\n`).join('');

interface Job {
  readonly id: string;
  readonly code: number;
  readonly line: string;
}

/** A job that says in a side file that it ran, writes lines for a while, and ends with a code of its own. */
function makeJob(home: JobHome, id: string, random: Random): Job {
  const code = random.below(200);
  const rest = `seq 1 1000; sleep 0.0${random.below(9)}; seq 1001 2000; sleep 0.1; seq 2001 ${LINES}`;
  return { id, code, line: `echo ${id} >>${join(home.folder, 'runs')}; ${rest}; exit ${code}` };
}

/** Starts the jobs of a round, and lets something be killed in their middle. */
async function runRound(
  address: string,
  jobs: readonly Job[],
  afterMs: number,
  kill: () => Promise<unknown> | undefined,
): Promise<readonly RunResult[]> {
  const host = await connect(address);
  const runs = jobs.map(({ id, line }) =>
    host.run(line, { shell: true, id, lifetime: 'detached', reject: false }),
  );
  await pause(afterMs);
  await kill();
  const results = await Promise.all(runs);
  await host.close();
  return results;
}

function readRuns(home: JobHome): readonly string[] {
  return readFileSync(join(home.folder, 'runs'), 'utf8').trimEnd().split('\n');
}

describe('jobs', () => {
  const kills = shareOf(50);
  it(`miss nothing, have the right codes and run once through ${kills} x kill -9 of the daemon`, async () => {
    await using home = makeJobHome();
    const random = createRandom(SEED);
    const jobs: Job[] = [];
    for (let round = 0; round < kills; round++) {
      await using daemon = await startDaemon({ env: home.env });
      const own = Array.from({ length: JOBS_PER_ROUND }, (_, index) =>
        makeJob(home, `job-${round}-${index}`, random),
      );
      jobs.push(...own);
      await runRound(daemon.address, own, random.below(LONGEST_MS), () => daemon.stop('SIGKILL'));
    }
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    // What a script would do that was told `lost`
    for (const { id, line, code } of jobs) {
      const result = await host.run(line, { shell: true, id, lifetime: 'detached', reject: false });
      expect([id, result.outcome, result.exitCode]).toEqual([id, 'exited', code]);
      expect(result.stdout).toBe(EXPECTED);
    }
    expect(readRuns(home).toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
  });

  const supervisorKills = shareOf(30);
  it(`run once or are lost through ${supervisorKills} x kill -9 of the supervisor`, async () => {
    await using home = makeJobHome();
    const random = createRandom(SEED + 1);
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const ended: string[] = [];
    for (let round = 0; round < supervisorKills; round++) {
      const own = Array.from({ length: JOBS_PER_ROUND }, (_, index) =>
        makeJob(home, `job-${round}-${index}`, random),
      );
      const first = await runRound(daemon.address, own, random.below(LONGEST_MS), async () => {
        for (const pid of home.supervisors()) signal(pid, 'SIGKILL');
      });
      for (const [index, { id, line, code }] of own.entries()) {
        const again = await host.run(line, { shell: true, id, reject: false });
        const both = [first[index]?.outcome, again.outcome];
        expect(['exited', 'lost']).toContain(again.outcome);
        // What was told of it stays true
        if (both[0] === 'exited') expect(again.outcome).toBe('exited');
        if (again.outcome !== 'exited') continue;
        expect([again.exitCode, again.stdout]).toEqual([code, EXPECTED]);
        ended.push(id);
      }
    }
    const runs = readRuns(home);
    expect(runs.length).toBe(new Set(runs).size);
    expect(ended.filter((id) => !runs.includes(id))).toEqual([]);
  });

  const bytes = shareOf(1 << 30);
  it(`pass ${bytes} bytes through the disk in bounded memory, of which no one is missing`, async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const run = host.run('head', ['-c', String(bytes), '/dev/zero'], {
      id: 'bulk',
      encoding: 'binary',
      buffer: false,
    });
    let received = 0;
    run.stdout.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    run.stderr.resume();
    const { missing, bytes: told } = await run;
    expect([received, told.stdout, missing.bytes]).toEqual([bytes, bytes, 0]);
    const peaks = home.supervisors().map(readPeakMiB);
    expect(peaks.length).toBe(1);
    expect(Math.max(...peaks, readPeakMiB(daemon.pid))).toBeLessThan(PEAK_MIB);
  });
});

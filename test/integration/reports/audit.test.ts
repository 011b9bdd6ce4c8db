import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProcess } from '../../../src/process/system/process-table.ts';
import { readJournal } from '../../../src/services/run/run-journal.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { type JobHome, makeJobHome } from '../../fixtures/jobs.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

interface Line {
  readonly event: string;
  readonly id: string;
  readonly run: string;
  readonly outcome?: string;
  readonly command: unknown;
  readonly survivors?: readonly number[];
}

/** The lines about runs. */
function linesOf(file: string): readonly Line[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Line).filter(({ event }) => event.startsWith('run-'));
}

const shown = (lines: readonly Line[]): readonly string[] =>
  lines.map(({ event, outcome }) => (outcome === undefined ? event : `${event} ${outcome}`));

function startAudited(home: JobHome): Promise<TestDaemon> {
  return startDaemon({ env: home.env, words: ['--audit', join(home.folder, 'audit')] });
}

/** Runs that left an open record. */
function openRecords(home: JobHome): readonly string[] {
  const runs = join(home.folder, '.local/state/rexa/runs');
  if (!existsSync(runs)) return [];
  const names = readdirSync(runs, { recursive: true, encoding: 'utf8' });
  const journals = names.filter((name) => name.endsWith('/journal')).map((name) => join(runs, name));
  return journals.flatMap((file) => [...readJournal(file)].map(({ record }) => record.mark));
}

/** Not as a zombie: nobody may wait for the children of a daemon that was killed. */
const isAlive = (pid: number): boolean => readProcess(pid)?.isAlive ?? false;

/** Waits for the pid that a command says. */
async function pidOf(rexa: ReturnType<typeof startRexa>): Promise<number> {
  let text = '';
  rexa.child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await rexa.untilStdout('\n');
  return Number(text);
}

describe('the audit', () => {
  it('has a line before and one after a run, and no record stays open', async () => {
    await using home = makeJobHome();
    await using daemon = await startAudited(home);
    await runRexa(['run', '-n', daemon.address, '--', 'true']);
    await runRexa(['run', '-n', daemon.address, '--', '/nowhere/program']);
    await runRexa(['run', '-n', daemon.address, '--cwd', '/nowhere', '--', 'true']);
    const lines = linesOf(join(home.folder, 'audit'));
    expect(shown(lines).slice(0, 4)).toEqual([
      'run-started',
      'run-ended exited',
      'run-started',
      'run-ended not-started',
    ]);
    expect(lines[0]?.run).toBe(lines[1]?.run);
    expect(openRecords(home)).toEqual([]);
  });

  it('has the line of a command that kills its own daemon', async () => {
    await using home = makeJobHome();
    await using daemon = await startAudited(home);
    const killing = `touch ${home.folder}/x; kill -9 ${daemon.pid}`;
    const rexa = startRexa(['run', '-n', daemon.address, '--reconnect-for', '0', '--', 'sh', '-c', killing]);
    await daemon.exited;
    rexa.child.kill('SIGKILL');
    expect(shown(linesOf(join(home.folder, 'audit')))).toEqual(['run-started']);
    await using _next = await startAudited(home);
    await waitUntil('the run is closed', () => linesOf(join(home.folder, 'audit')).length === 2);
    const [started, ended] = linesOf(join(home.folder, 'audit'));
    expect(ended).toMatchObject({
      ...started,
      time: expect.any(String),
      event: 'run-ended',
      outcome: 'unknown',
    });
  });

  it('says lost of a job whose supervisor is killed, as its client does', async () => {
    await using home = makeJobHome();
    await using daemon = await startAudited(home);
    const words = ['run', '-n', '--id', 'job', daemon.address, '--', 'sh', '-c', 'echo $$; exec sleep 600'];
    const rexa = startRexa(words);
    const pid = await pidOf(rexa);
    for (const supervisor of home.supervisors()) process.kill(supervisor, 'SIGKILL');
    expect((await rexa.exit).stderr).toContain('lost: ');
    expect(shown(linesOf(join(home.folder, 'audit')))).toEqual(['run-started', 'run-ended lost']);
    await waitUntil('the command is ended', () => !isAlive(pid));
  });

  it('says lost of a job whose supervisor is killed after its client has left', async () => {
    await using home = makeJobHome();
    await using daemon = await startAudited(home);
    const line = 'echo $$; exec sleep 600';
    await runRexa(['run', '--detach', '--id', 'job', daemon.address, '--', 'sh', '-c', line]);
    for (const supervisor of home.supervisors()) process.kill(supervisor, 'SIGKILL');
    const audit = join(home.folder, 'audit');
    await waitUntil('the job has its end', () => linesOf(audit).length === 2);
    expect(shown(linesOf(audit))).toEqual(['run-started', 'run-ended lost']);
    expect(openRecords(home)).toEqual([]);
  });

  it('gets the end of a job that goes on across a restart', async () => {
    await using home = makeJobHome();
    const daemon = await startAudited(home);
    await runRexa(['run', '--detach', '--id', 'job', daemon.address, '--', 'sleep', '600']);
    await daemon.stop('SIGKILL');
    await using next = await startAudited(home);
    const killed = await runRexa(['kill', '-s', 'KILL', next.address, 'job']);
    expect(killed.status).toBe(0);
    const ends = (): readonly Line[] =>
      linesOf(join(home.folder, 'audit')).filter(({ event, id }) => event === 'run-ended' && id === 'job');
    await waitUntil('the job has its end', () => ends().length === 1);
    expect(shown(ends())).toEqual(['run-ended signaled']);
    await waitUntil('no record is open', () => openRecords(home).length === 0);
  });

  it('gets the end of a job that ended while no daemon lived', async () => {
    await using home = makeJobHome();
    const daemon = await startAudited(home);
    const job = await runRexa([
      'run',
      '--detach',
      '--id',
      'job',
      daemon.address,
      '--',
      'sh',
      '-c',
      'echo $$; exec sleep 600',
    ]);
    expect(job.status).toBe(0);
    await daemon.stop('SIGTERM');
    const [record] = openRecords(home);
    expect(record).toBeDefined();
    const readPid = (): number | null => {
      const json = readFileSync(join(home.spools()[0] ?? '', 'job.json'), 'utf8');
      return (JSON.parse(json) as { readonly pid: number | null }).pid;
    };
    await waitUntil('the job is spawned', () => readPid() !== null);
    const pid = readPid() ?? 0;
    process.kill(pid, 'SIGKILL');
    await waitUntil('it is gone', () => !isAlive(pid));
    await using _next = await startAudited(home);
    await waitUntil('the job has its end', () => openRecords(home).length === 0);
    expect(shown(linesOf(join(home.folder, 'audit')))).toEqual(['run-started', 'run-ended signaled']);
  });

  it('has large fields cut, with their length and hash', async () => {
    await using home = makeJobHome();
    await using daemon = await startAudited(home);
    const words = ['printf', '', 'x'.repeat(100_000), '\u009b\u202e'];
    await runRexa(['run', '-n', daemon.address, '--', ...words]);
    const json = JSON.stringify({ argv: words });
    const sha256 = createHash('sha256').update(json).digest('hex');
    const text = readFileSync(join(home.folder, 'audit'), 'utf8');
    for (const { command } of linesOf(join(home.folder, 'audit')))
      expect(command).toEqual({ cut: json.slice(0, 1024), bytes: Buffer.byteLength(json), sha256 });
    expect(text.length).toBeLessThan(10_000);
  });
});

describe('what a daemon that was killed leaves behind', () => {
  it('is ended by the next one: TERM is trapped, setsid was called, and no other process is touched', async () => {
    await using home = makeJobHome();
    const daemon = await startAudited(home);
    const line = `trap '' TERM HUP; setsid sh -c 'trap "" TERM; while :; do sleep 1; done' & echo $$; while :; do sleep 1; done`;
    const rexa = startRexa(['run', '-n', daemon.address, '--', 'sh', '-c', line]);
    const pid = await pidOf(rexa);
    await using other = await startAudited(home);
    const beside = startRexa(['run', '-n', other.address, '--', 'sh', '-c', 'echo $$; exec sleep 600']);
    const besidePid = await pidOf(beside);
    const stranger = spawn('sleep', ['600'], { env: { ...process.env, REXA_RUN_ID: 'stranger' } });
    rexa.child.kill('SIGKILL');
    await daemon.stop('SIGKILL');
    expect(isAlive(pid)).toBe(true);
    await using _next = await startAudited(home);
    await waitUntil('the run is closed', () =>
      shown(linesOf(join(home.folder, 'audit'))).includes('run-ended unknown'),
    );
    expect(isAlive(pid)).toBe(false);
    expect([besidePid, stranger.pid ?? 0].map(isAlive)).toEqual([true, true]);
    const unknown = linesOf(join(home.folder, 'audit')).find(({ outcome }) => outcome === 'unknown');
    expect(unknown?.survivors).toEqual([]);
    stranger.kill('SIGKILL');
    beside.child.kill('SIGKILL');
  });
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { type JobHome, makeJobHome, signal } from '../../fixtures/jobs.ts';
import { type RexaExit, runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

interface Place {
  readonly home: JobHome;
  readonly daemon: TestDaemon;
  readonly rexa: (...words: readonly string[]) => Promise<RexaExit>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A daemon with jobs of its own; `HOST` in the words stands for its address. */
async function makePlace(): Promise<Place> {
  const home = makeJobHome();
  const daemon = await startDaemon({ env: home.env });
  return {
    home,
    daemon,
    rexa: (...words) =>
      runRexa(
        words.map((word) => (word === 'HOST' ? daemon.address : word)),
        { env: home.env },
      ),
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

const text = ({ stdout }: RexaExit): string => stdout.toString();

describe('rexa run --detach', () => {
  it('prints the id of the job and nothing else, and the job goes on', async () => {
    await using place = await makePlace();
    const go = join(place.home.folder, 'go');
    const line = `echo begun; until [ -e ${go} ]; do sleep 0.05; done; echo done; exit 7`;
    const started = await place.rexa('run', '--detach', 'HOST', '-c', line);
    expect([started.status, started.stderr]).toEqual([0, '']);
    expect(text(started)).toMatch(/^[0-9a-f-]{36}\n$/);
    const job = text(started).trim();
    expect(text(await place.rexa('jobs', 'HOST'))).toMatch(new RegExp(`${job} +running`));
    writeFileSync(go, '');
    expect((await place.rexa('wait', 'HOST', job)).status).toBe(7);
    expect(text(await place.rexa('logs', 'HOST', job))).toBe('begun\ndone\n');
    expect(text(await place.rexa('jobs', 'HOST'))).toMatch(new RegExp(`${job} +exited 7`));
  });

  it.each([
    [['--', '/no/such/program'], 127],
    [['--cwd', '/no/such/folder', '--', 'true'], 125],
  ])('tells what cannot be started, prints nothing, and records nothing: %j', async (words, status) => {
    await using place = await makePlace();
    const started = await place.rexa('run', '--detach', 'HOST', ...words);
    expect([started.status, text(started)]).toEqual([status, '']);
    expect(text(await place.rexa('jobs', 'HOST'))).toBe('');
  });
});

describe('a job', () => {
  it('gets stdin from whoever attaches, one after the other, up to an end', async () => {
    await using place = await makePlace();
    const job = text(await place.rexa('run', '--detach', 'HOST', 'cat')).trim();
    const first = startRexa(['attach', place.daemon.address, job], { env: place.home.env });
    first.child.stdin?.write('one ');
    await first.untilStdout('one ');
    first.child.kill('SIGTERM');
    expect((await first.exit).status).toBe(143);
    const second = await runRexa(['attach', place.daemon.address, job], {
      env: place.home.env,
      input: 'two',
    });
    expect([second.status, text(second)]).toEqual([0, 'one two']);
  });

  it('is read again in another encoding, as text and as bytes', async () => {
    await using place = await makePlace();
    const line = "printf '\\304\\343\\272\\303'; exit 3";
    const job = text(await place.rexa('run', '--detach', 'HOST', '-c', line)).trim();
    expect((await place.rexa('wait', 'HOST', job)).status).toBe(3);
    expect(text(await place.rexa('logs', '--encoding', 'gbk', 'HOST', job))).toBe('你好');
    const { stdout } = await place.rexa('logs', '--encoding', 'binary', 'HOST', job);
    expect([...stdout]).toEqual([0xc4, 0xe3, 0xba, 0xc3]);
    expect(text(await place.rexa('logs', '--since', '0', 'HOST', job))).toBe('');
  });

  it('is ended as a whole by rexa kill, and signaled by rexa kill -s', async () => {
    await using place = await makePlace();
    const mark = join(place.home.folder, 'usr1');
    const line = `trap 'echo got >${mark}' USR1; sleep 600 & while :; do wait; done`;
    const job = text(await place.rexa('run', '--detach', 'HOST', '-c', line)).trim();
    // The shell may not have come to its trap
    await waitUntil('its trap is set', () => trapIsSet(place, job));
    expect((await place.rexa('kill', '-s', 'USR1', 'HOST', job)).status).toBe(0);
    await waitUntil('the trap has run', () => existsSync(mark));
    expect((await place.rexa('kill', 'HOST', job)).status).toBe(0);
    const waited = await place.rexa('wait', 'HOST', job);
    expect([waited.status, waited.stderr]).toEqual([
      125,
      'rexa: canceled: the command was canceled by rexa kill\n',
    ]);
    expect((await place.rexa('kill', 'HOST', job)).stderr).toContain('has already ended');
  });

  it('that nobody knows is told as such by every command', async () => {
    await using place = await makePlace();
    for (const command of ['wait', 'logs', 'attach', 'kill']) {
      const { status, stderr } = await place.rexa(command, 'HOST', 'nobody');
      expect([status, stderr]).toEqual([125, 'rexa: no job nobody on this host\n']);
    }
  });

  it('is forgotten by prune once it has ended, with its output and its id', async () => {
    await using place = await makePlace();
    await place.rexa('run', '--id', 'over', 'HOST', 'true');
    await place.rexa('run', '--detach', '--id', 'runs', 'HOST', 'sleep', '600');
    const young = await place.rexa('jobs', 'prune', '--older', '1d', 'HOST', 'over');
    expect([young.status, young.stderr]).toEqual([
      125,
      'rexa: the job over ended more recently than --older says\n',
    ]);
    const pruned = await place.rexa('jobs', 'prune', 'HOST', 'over', 'runs', 'nobody');
    expect([pruned.status, text(pruned)]).toEqual([125, 'over\n']);
    expect(pruned.stderr).toBe(
      'rexa: the job runs is still running; rexa kill ends it\nrexa: no job nobody on this host\n',
    );
    expect(place.home.spools().length).toBe(1);
    expect((await place.rexa('run', '--json', '--id', 'over', 'HOST', 'false')).status).toBe(1);
  });
});

/** Whether the job's shell handles SIGUSR1 (proc(5), SigCgt). */
async function trapIsSet({ rexa }: Place, job: string): Promise<boolean> {
  const { jobs } = JSON.parse(text(await rexa('jobs', '--json', 'HOST'))) as {
    jobs: { id: string; pid: number }[];
  };
  const pid = jobs.find(({ id }) => id === job)?.pid ?? 0;
  const caught = /^SigCgt:\s+(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${caught}`) & (1n << 9n)) !== 0n;
}

describe('rexa run --lifetime', () => {
  it.each([
    ['with-client', 'is ended'],
    ['linger:100ms', 'is ended'],
    ['detached', 'goes on'],
  ])('%s: a command whose client is hung up %s', async (lifetime, becomes) => {
    await using place = await makePlace();
    const rexa = startRexa(
      ['run', '-n', '-v', '--lifetime', lifetime, place.daemon.address, '-c', 'echo $$; exec sleep 600'],
      { env: place.home.env },
    );
    await rexa.untilStdout('\n');
    rexa.child.kill('SIGHUP');
    const { stdout, status } = await rexa.exit;
    expect(status).toBe(129);
    const pid = Number(stdout.toString());
    if (becomes === 'is ended') await waitUntil('it is gone', () => !signal(pid, 0));
    else expect(text(await place.rexa('jobs', 'HOST'))).toContain('running');
  });
});

describe('rexa run --id', () => {
  it('runs once, and answers every time with the whole output and the outcome', async () => {
    await using place = await makePlace();
    const count = join(place.home.folder, 'count');
    const words = ['run', '--json', '--id', 'once', 'HOST', '-c', `echo run >>${count}; echo out; exit 5`];
    const answers: unknown[] = [];
    for (let round = 0; round < 3; round++) answers.push(JSON.parse(text(await place.rexa(...words))));
    const told = { jobId: 'once', outcome: 'exited', exitCode: 5, stdout: 'out\n', truncated: false };
    expect(answers[0]).toMatchObject(told);
    expect(answers[0]).not.toHaveProperty('repeated');
    for (const answer of answers.slice(1)) expect(answer).toMatchObject({ ...told, repeated: true });
    expect(readFileSync(count, 'utf8')).toBe('run\n');
    const other = await place.rexa('run', '--id', 'once', 'HOST', 'true');
    expect([other.status, other.stderr]).toEqual([
      125,
      'rexa: not started: the id once was already used for another command; nothing was run\n',
    ]);
  });
});

describe('completion of a job', () => {
  it('asks the host for its ids, and says nothing where it does not answer', async () => {
    await using place = await makePlace();
    await place.rexa('run', '--id', 'deploy-41', '--lifetime', 'detached', 'HOST', 'true');
    const complete = (...words: string[]) => place.rexa('completion', 'candidates', '--', ...words);
    expect(text(await complete('logs', '-f', 'HOST', 'dep'))).toBe('deploy-41\tended: true\n');
    for (const host of ['unix:/nobody/there.sock', 'local']) {
      const { status, stdout, stderr } = await complete('logs', host, '');
      expect([status, stdout.toString(), stderr]).toEqual([0, '', '']);
    }
  });
});

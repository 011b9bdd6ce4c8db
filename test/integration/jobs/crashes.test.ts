import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { isRetryable } from '../../../src/client/retryable.ts';
import { attachLink } from '../../../src/link/attach-link.ts';
import { connectUnix } from '../../../src/transports/connect-unix.ts';
import { unixTransport } from '../../../src/transports/unix.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { makeJobHome, signal } from '../../fixtures/jobs.ts';
import { connectRaw, frame, HELLO } from '../../fixtures/raw-peer.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Lines with numbers, until the file is there; then the exit code is 9. */
const countUntil = (go: string): string =>
  `i=0; until [ -e ${go} ]; do i=$((i+1)); echo $i; sleep 0.01; done; echo end >&2; exit 9`;

/** That a job's lines are all there, in order, each once. */
function expectCounted(output: string): void {
  const lines = output.trimEnd().split('\n');
  expect(lines).toEqual(lines.map((_, index) => String(index + 1)));
  expect(lines.length).toBeGreaterThan(1);
}

describe('a daemon that is killed', () => {
  it('leaves jobs running, and the next one has all of their output, their stdin and their exit code', async () => {
    await using home = makeJobHome();
    const go = join(home.folder, 'go');
    await using first = await startDaemon({ env: home.env });
    const host = await connect(first.address);
    const counting = host.run(countUntil(go), {
      shell: true,
      id: 'counting',
      lifetime: 'detached',
      reject: false,
    });
    const reading = host.run('cat', [], {
      id: 'reading',
      lifetime: 'detached',
      stdin: 'pipe',
      reject: false,
    });
    reading.stdin?.write('one ');
    await new Promise((resolve) => reading.stdout.once('data', resolve));
    await new Promise((resolve) => counting.stdout.once('data', resolve));
    await first.stop('SIGKILL');
    expect((await counting).outcome).toBe('lost');
    await host.close();

    await using second = await startDaemon({ env: home.env });
    await using again = await connect(second.address);
    const attached = again.job('reading').attach({ input: 'two', reject: false });
    writeFileSync(go, '');
    const result = await again.job('counting').attach({ reject: false });
    expect([result.outcome, result.exitCode, result.stderr]).toEqual(['exited', 9, 'end\n']);
    expectCounted(String(result.stdout));
    expect((await attached).stdout).toBe('one two');
  });

  it('in the middle of `rexa run --id` lets a retry find the same run, whose stdin is not written twice', async () => {
    await using home = makeJobHome();
    const count = join(home.folder, 'count');
    const go = join(home.folder, 'go');
    const line = `echo run >>${count}; until [ -e ${go} ]; do sleep 0.02; done; cat; exit 4`;
    const words = (address: string): string[] => [
      'run',
      '--id',
      'job',
      '--reconnect-for',
      '0',
      address,
      '-c',
      line,
    ];
    await using first = await startDaemon({ env: home.env });
    const lost = startRexa([...words(first.address), '-v'].toSpliced(1, 0, '-v'), { env: home.env });
    lost.child.stdin?.write('input');
    await lost.untilStderr('started as pid');
    await first.stop('SIGKILL');
    expect((await lost.exit).status).toBe(125);

    await using second = await startDaemon({ env: home.env });
    const retry = runRexa(words(second.address), { env: home.env, input: 'input' });
    writeFileSync(go, '');
    const { status, stdout } = await retry;
    expect([status, stdout.toString(), readFileSync(count, 'utf8')]).toEqual([4, 'input', 'run\n']);
  });

  it('is waited for by `rexa wait`, which exits as the job does once the next daemon answers', async () => {
    await using home = makeJobHome();
    const go = join(home.folder, 'go');
    await using first = await startDaemon({ env: home.env });
    await runRexa(['run', '--detach', '--id', 'job', first.address, '-c', countUntil(go)], { env: home.env });
    const waiting = startRexa(['-v', 'wait', first.address, 'job'], { env: home.env });
    await waiting.untilStderr('hello from');
    await first.stop('SIGKILL');
    await waiting.untilStderr('asking again');
    await using second = await startDaemon({ env: home.env, words: ['--listen', first.address] });
    writeFileSync(go, '');
    expect((await waiting.exit).status).toBe(9);
    expect(second.address).not.toBe(first.address);
  });

  it('politely is no different: jobs of clients that are not told go on for the retry', async () => {
    await using home = makeJobHome();
    await using first = await startDaemon({ env: home.env, words: ['--drain', '10ms'] });
    const host = await connect(first.address);
    const run = host.run('cat', [], { id: 'kept', stdin: 'pipe', reject: false });
    await run.pid;
    await first.stop();
    expect((await run).outcome).toBe('lost');
    await host.close();
    await using second = await startDaemon({ env: home.env });
    await using again = await connect(second.address);
    const retry = await again.run('cat', [], { id: 'kept', input: 'still there' });
    expect([retry.stdout, retry.repeated]).toEqual(['still there', true]);
  });
});

describe('an id', () => {
  it('is run once, however many clients of two daemons ask for it at once', async () => {
    await using home = makeJobHome();
    const count = join(home.folder, 'count');
    await using one = await startDaemon({ env: home.env });
    await using other = await startDaemon({ env: home.env });
    const hosts = await Promise.all(
      Array.from({ length: 20 }, (_, index) => connect((index % 2 === 0 ? one : other).address)),
    );
    const line = `echo run >>${count}; sleep 0.1; echo out`;
    const results = await Promise.all(hosts.map((host) => host.run(line, { shell: true, id: 'race' })));
    expect(results.map(({ stdout }) => stdout)).toEqual(hosts.map(() => 'out\n'));
    expect(results.filter(({ repeated }) => !repeated).length).toBe(1);
    expect(readFileSync(count, 'utf8')).toBe('run\n');
    expect(home.supervisors().length).toBe(1);
    await Promise.all(hosts.map((host) => host.close()));
  });

  it('of a run that is no job is remembered too: what became of it, without its output', async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const first = await host.run('echo', ['out'], {});
    expect([first.jobId, first.repeated]).toEqual([null, false]);
    // As a link that was lost and is built anew would ask
    const request = { service: 'run', id: first.id, command: { argv: ['echo', 'out'] } };
    const peer = await connectRaw(daemon.socketPath);
    const encoding = { output: 'host', input: 'host' };
    peer.send(HELLO, frame(0x10, 1, { ...request, stdin: 'none', env: {}, encoding }));
    for (let received = await peer.next(); ; received = await peer.next()) {
      if (received?.type !== 0x12) continue;
      expect(JSON.parse(Buffer.from(received.payload).toString())).toMatchObject({
        repeated: true,
        outcome: { name: 'exited', exitCode: 0, bytes: { stdout: 4 } },
      });
      break;
    }
    peer.socket.destroy();
    expect(home.supervisors()).toEqual([]);
  });
});

describe('a supervisor that is killed', () => {
  it('takes its jobs along: they are lost, nothing of them is left, and their ids are not run again', async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const count = join(home.folder, 'count');
    const line = `echo run >>${count}; setsid sleep 600 & echo $!; trap '' PIPE; while :; do sleep 1; done`;
    const ended = await host.run('echo', ['before'], { id: 'before' });
    const ordinary = host.run('cat', [], { stdin: 'pipe' });
    const run = host.run(line, { shell: true, id: 'dies', reject: false });
    const child = Number(await new Promise((resolve) => run.stdout.once('data', resolve)));
    const leader = (await run.pid) ?? 0;
    for (const pid of home.supervisors()) signal(pid, 'SIGKILL');
    expect(await run).toMatchObject({ outcome: 'lost', code: 'SUPERVISOR_LOST' });
    await waitUntil('nothing of the job is left', () => !signal(leader, 0) && !signal(child, 0));

    expect(await host.run(line, { shell: true, id: 'dies', reject: false })).toMatchObject({
      outcome: 'lost',
      code: 'JOB_LOST',
      repeated: true,
    });
    expect(readFileSync(count, 'utf8')).toBe('run\n');
    expect((await host.run('echo', ['before'], { id: 'before' })).stdout).toBe(ended.stdout);
    expect((await host.run('echo', ['after'], { id: 'after' })).stdout).toBe('after\n');
    ordinary.stdin?.end('not concerned');
    expect((await ordinary).stdout).toBe('not concerned');
  });
});

describe('a supervisor that cannot start', () => {
  it('leaves the id of a run unchecked: it may have run, and a later try tells', async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const count = join(home.folder, 'count');
    const run = () => host.run(`echo run | tee -a ${count}`, { shell: true, id: 'once', reject: false });
    expect((await run()).stdout).toBe('run\n');
    for (const pid of home.supervisors()) signal(pid, 'SIGKILL');
    await waitUntil('the next supervisor runs', () => home.supervisors().length === 1);
    const aside = `${home.jobs}-aside`;
    renameSync(home.jobs, aside);
    writeFileSync(home.jobs, '');
    for (const pid of home.supervisors()) signal(pid, 'SIGKILL');
    // An id that the library made has no run before it
    const detach = () => host.run('echo', ['x'], { lifetime: 'detached', reject: false });
    await waitUntil('no supervisor starts', async () => (await detach()).code === 'SUPERVISOR_START_FAILED');
    expect((await detach()).outcome).toBe('not-started');
    const unchecked = await run();
    expect(unchecked).toMatchObject({ outcome: 'lost', code: 'JOB_ID_UNCHECKED' });
    expect(isRetryable(unchecked)).toBe(true);
    rmSync(home.jobs);
    renameSync(aside, home.jobs);
    expect(await run()).toMatchObject({ outcome: 'exited', repeated: true, stdout: 'run\n' });
    expect(readFileSync(count, 'utf8')).toBe('run\n');
  });
});

describe('a supervisor of another version', () => {
  /** Our own, that calls itself by another one. */
  function startOlder(home: ReturnType<typeof makeJobHome>): void {
    const place = join(home.folder, 'older');
    mkdirSync(join(place, 'dist/supervisor'), { recursive: true });
    const program = readFileSync(join(ROOT, 'dist/supervisor/main.js'), 'utf8');
    const older = program.replace(/(var VERSION\d* = )"[^"]+"/, '$1"0.0.1"');
    expect(older).not.toBe(program);
    writeFileSync(join(place, 'dist/supervisor/main.js'), older);
    writeFileSync(join(place, 'package.json'), '{"type":"module"}');
    symlinkSync(join(ROOT, 'dist/packages'), join(place, 'dist/packages'));
    symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'));
    mkdirSync(join(home.folder, '.local/state/rexa'), { recursive: true, mode: 0o700 });
    const log = openSync(join(home.folder, '.local/state/rexa/keeper.log'), 'a');
    const child = spawn(process.execPath, [join(place, 'dist/supervisor/main.js')], {
      env: { ...process.env, ...home.env },
      stdio: ['ignore', log, log],
      argv0: 'rexa-supervisor',
    });
    child.unref();
    closeSync(log);
  }

  const hasStarted = (home: ReturnType<typeof makeJobHome>) =>
    waitUntil('the supervisor listens', () => home.supervisors().length === 1);

  it('without a job gives its place to ours', async () => {
    await using home = makeJobHome();
    startOlder(home);
    await hasStarted(home);
    const [older] = home.supervisors();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    expect((await host.run('echo', ['served'], { id: 'x' })).stdout).toBe('served\n');
    await waitUntil('the older one is gone', () => !home.supervisors().includes(older ?? 0));
    expect(home.supervisors().length).toBe(1);
  });

  it('that has one serves the newer daemon, which takes the job up', async () => {
    await using home = makeJobHome();
    startOlder(home);
    await hasStarted(home);
    const go = join(home.folder, 'go');
    // The daemon that it was started by is gone: asked as that one did
    const socket = await connectUnix(join(home.folder, '.local/state/rexa/keeper.sock'), 5000);
    const link = attachLink(unixTransport(socket), { role: 'client', agent: 'rexad/0.0.1' });
    const start = {
      file: '/bin/sh',
      args: ['-c', countUntil(go)],
      cwd: '/',
      environment: [['PATH', '/usr/bin:/bin']],
      stdin: 'none',
    };
    const principal = `uid:${process.getuid?.()}`;
    const request = { service: 'start', principal, id: 'old', hash: 'h', command: { line: 'x' } };
    const channel = link.open({ ...request, lifetime: 'detached', start }, [0, 1]);
    expect((await channel.nextMessage())?.['type']).toBe('job');
    socket.destroy();

    const [older] = home.supervisors();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    expect((await host.run('echo', ['served'], { id: 'x' })).stdout).toBe('served\n');
    expect(home.supervisors()).toEqual([older]);
    writeFileSync(go, '');
    const result = await host.job('old').attach({ reject: false });
    expect(result.exitCode).toBe(9);
    expectCounted(String(result.stdout));
  });
});

import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Host, RunError } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

let daemon: Awaited<ReturnType<typeof startDaemon>>;
let host: Host;

beforeAll(async () => {
  daemon = await startDaemon();
  host = await connect(daemon.address);
});

afterAll(async () => {
  await host.close();
  await daemon[Symbol.asyncDispose]();
});

const sh = (line: string) => ['sh', ['-c', line]] as const;

describe('the streams of a run', () => {
  it.each(['stdout', 'stderr'] as const)(
    'close the pipe of %s on the host when their reader leaves',
    async (name) => {
      const run = host.run('sh', ['-c', name === 'stdout' ? 'exec yes' : 'exec yes >&2'], {
        buffer: false,
        reject: false,
      });
      for await (const chunk of run[name]) {
        expect(chunk).toBeDefined();
        break;
      }
      expect(await run).toMatchObject({ outcome: 'signaled', signal: 'SIGPIPE' });
    },
  );

  it('leave stdin open when stdout is destroyed', async () => {
    const run = host.run('sh', ['-c', 'cat >/dev/null; echo done >&2'], { stdin: 'pipe', reject: false });
    run.stdout.destroy();
    run.stdin?.end('input');
    expect(await run).toMatchObject({ outcome: 'exited', exitCode: 0, stderr: 'done\n' });
  });

  it('close a pipe before the command has begun, without withdrawing it', async () => {
    const run = host.run(...sh('echo ran >&2; exit 3'), { reject: false });
    run.stdout.destroy();
    expect(await run).toMatchObject({ outcome: 'exited', exitCode: 3, stderr: 'ran\n' });
  });

  it('end the stdin of a command when that is destroyed, and cancel the run when it is by an error', async () => {
    const ended = host.run('cat', [], { stdin: 'pipe', reject: false });
    ended.stdin?.destroy();
    expect(await ended).toMatchObject({ outcome: 'exited', exitCode: 0 });
    const broken = host.run('cat', [], { stdin: 'pipe', reject: false });
    broken.stdin?.destroy(new Error('no more'));
    expect(await broken).toMatchObject({ outcome: 'canceled' });
    const told = host.run('cat', [], { stdin: 'pipe', brokenStdin: 'end', reject: false });
    told.stdin?.destroy(new Error('no more'));
    expect(await told).toMatchObject({ outcome: 'exited', exitCode: 0 });
  });

  it.each([
    ['3', ['pipe'], 'echo three >&3; cat <&3', 'three\n'],
    [
      '4 beside a closed 3',
      [undefined, 'pipe'],
      'echo three >&4; cat <&4; ls -1 /proc/self/fd | wc -l',
      'three\n',
    ],
  ] as const)('go both ways on descriptor %s', async (_what, above, line, written) => {
    const run = host.run(...sh(line), { stdio: ['ignore', 'pipe', 'pipe', ...above] });
    const stream = run.stdio[2 + above.length];
    if (stream === null || stream === undefined || !('read' in stream) || !('write' in stream))
      throw new Error('it is no duplex');
    stream.end('hello');
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    const { stdout } = await run;
    expect(stdout).toMatch(/^hello/);
    expect(Buffer.concat(chunks).toString()).toBe(written);
  });

  it('carry all of a descriptor above 2 that the command leaves full', async () => {
    const run = host.run(...sh('head -c 3000000 /dev/zero >&3'), {
      stdio: [undefined, 'pipe', 'pipe', 'pipe'],
    });
    const stream = run.stdio[3];
    if (stream === null || stream === undefined || !('read' in stream)) throw new Error('it is no stream');
    let bytes = 0;
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    expect((await run).exitCode).toBe(0);
    expect(bytes).toBe(3_000_000);
  });

  it('are /dev/null where they are ignored', async () => {
    const { stdout, stderr } = await host.run(...sh('x=$(readlink /proc/$$/fd/1); echo $x >&2; echo lost'), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    expect([stdout, stderr]).toEqual(['', '/dev/null\n']);
  });
});

describe('a run', () => {
  it.each([
    ['a name that no program has', 'no-such-program', 'ENOENT'],
    ['a file that may not be executed', '/etc/passwd', 'EACCES'],
    ['a path through a file', '/etc/passwd/x', 'ENOTDIR'],
    ['a name that is too long', 'x'.repeat(300), 'ENAMETOOLONG'],
  ])('of %s rejects with its own code, and its streams are empty', async (_what, file, code) => {
    const run = host.run(file, [], { buffer: false });
    const failed = run.catch((error: unknown) => error);
    for await (const chunk of run.stdout) expect(chunk).toBe(null);
    const error = await failed;
    expect(error).toBeInstanceOf(RunError);
    expect(error).toMatchObject({
      code,
      errno: code,
      host: host.address,
      result: { outcome: 'not-started' },
    });
  });

  it('says in its error what failed, with the end of stderr and the reason of a cancel', async () => {
    const failed = await host
      .run('sh', ['-c', 'echo "it broke" >&2; exit 4'])
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ exitCode: 4, stderrTail: 'it broke', signal: null });
    expect(String(failed)).toContain(
      `rexa run ${host.address} -- sh -c 'echo "it broke" >&2; exit 4'\nit broke`,
    );
    const reason = new Error('enough');
    const canceled = await host
      .run('sleep', ['600'], { cancelSignal: AbortSignal.abort(reason) })
      .catch((error: unknown) => error);
    expect(canceled).toMatchObject({ cause: reason, result: { outcome: 'canceled' } });
  });

  it('settles after its timeout though nobody reads its output', async () => {
    const run = host.run('yes', [], { buffer: false, timeout: 100, reject: false });
    expect(await run).toMatchObject({ outcome: 'timed-out' });
  });

  it('tells the end of the command before its output was read', async () => {
    const run = host.run(...sh('head -c 3000000 /dev/zero; exit 5'), { buffer: false, reject: false });
    run.stderr.resume();
    const pid = await run.pid;
    run.stdout.once('readable', () => undefined);
    let bytes = 0;
    for await (const chunk of run.stdout) bytes += (chunk as Buffer).length;
    expect(await run.exited).toEqual({ type: 'exited', name: 'exited', exitCode: 5, signal: null });
    expect(pid).toBeGreaterThan(0);
    expect([(await run).exitCode, bytes]).toEqual([5, 3_000_000]);
  });

  it('ends what its command has started, after a signal for the tree', async () => {
    const run = host.run(...sh('setsid sleep 600 & echo $!; wait'), { buffer: false, reject: false });
    const [line] = (await once(run.stdout, 'data')) as [Buffer];
    const grandchild = Number(line.toString());
    run.kill('SIGTERM', { tree: true });
    expect(await run).toMatchObject({ outcome: 'signaled', signal: 'SIGTERM' });
    await waitUntil('the grandchild ends', () => !isAlive(grandchild));
  });

  it('finds programs of a project before those of the PATH, and has the name that it is given', async () => {
    const { stdout } = await host.run('sh', ['-c', 'echo $PATH; echo $0'], {
      localPrograms: '/srv/app',
      env: { PATH: '/bin' },
    });
    expect(stdout).toBe('/srv/app/node_modules/.bin:/srv/node_modules/.bin:/node_modules/.bin:/bin\nsh\n');
    const named = await host.run('sleep', ['0'], { argv0: 'sleep' });
    expect(named.exitCode).toBe(0);
  });
});

describe('connect', () => {
  it.each([
    ['an option that there is none of', { timeuot: 5 }],
    ['a timeout that is no number', { timeout: '5' }],
    ['variables that are no object', { env: 'A=b' }],
    ['a family that there is none of', { family: 5 }],
    ['a signal that is none', { signal: {} }],
  ])('refuses %s', async (_what, options) => {
    await expect(connect(daemon.address, options as never)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('gives up with the reason of its signal', async () => {
    const reason = new Error('not now');
    await expect(connect(daemon.address, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('gives every command a folder and variables, which a call may add to', async () => {
    await using other = await connect(daemon.address, {
      cwd: '/usr',
      env: { ONE: '1', TWO: '2', NODE_OPTIONS: 'x' },
    });
    const line = sh('pwd; echo $ONE $TWO $THREE');
    expect((await other.run(...line, { env: { TWO: 'two', THREE: '3' } })).stdout).toBe('/usr\n1 two 3\n');
    expect((await other.run(...line, { cwd: 'bin', extendEnv: false })).stdout).toMatch(/bin\n\n$/);
  });
});

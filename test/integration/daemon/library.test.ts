import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type ConnectOptions, connect, type RunError, type RunOptions } from '../../../src/client/index.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';

const READY = ['--allow-root', '--listen', 'ready://127.0.0.1:0'];

async function readyAddress(daemon: TestDaemon): Promise<string> {
  await expect.poll(() => daemon.log()).toContain(' ready pid=');
  return /ready:[0-9:./]+/.exec(daemon.log())?.[0] ?? '';
}

describe('an option of host.run', () => {
  const cases: readonly [string, RunOptions][] = [
    ['USAGE', { timeout: -1 }],
    ['USAGE', { timeout: Number.NaN }],
    ['USAGE', { timeout: 2 ** 31 }],
    ['USAGE', { forceKillAfterDelay: Number.NaN }],
    ['USAGE', { maxBuffer: -1 }],
    ['USAGE', { maxBuffer: Number.NaN }],
    ['USAGE', { input: 'x', stdin: 'pipe' }],
    ['UNMAPPABLE', { input: 'half \ud800' }],
  ];

  it('that says nothing is refused before anything is sent, on both wires', async () => {
    await using daemon = await startDaemon({ words: READY });
    for (const address of [daemon.address, await readyAddress(daemon)]) {
      await using host = await connect(address);
      for (const [code, options] of cases) {
        const result = await host.run('echo ran', [], { ...options, shell: true, reject: false });
        expect([options, result.outcome, result.code]).toEqual([options, 'not-started', code]);
      }
    }
  });

  it.each([0, Number.POSITIVE_INFINITY])(
    'timeout: %d is no limit, on both wires and for connect',
    async (timeout) => {
      await using daemon = await startDaemon({ words: READY });
      for (const address of [daemon.address, await readyAddress(daemon)]) {
        await using host = await connect(address, { timeout });
        const { stdout } = await host.run('sleep 0.1; echo done', [], { shell: true, timeout });
        expect(stdout).toBe('done\n');
      }
    },
  );

  it('maxBuffer: 0 keeps nothing, and says so', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const { stdout, truncated, bytes } = await host.run('echo', ['four'], { maxBuffer: 0, reject: false });
    expect([stdout, truncated, bytes.stdout]).toEqual(['', true, 5]);
    await expect(host.run('echo', ['four'], { maxBuffer: 4 })).rejects.toThrow(
      /its output is longer than maxBuffer/,
    );
  });

  it('maxBuffer ends a command that would write for ever', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const error = await host.run('yes', [], { maxBuffer: 4 }).catch((failure: RunError) => failure);
    expect(error).toMatchObject({ result: { outcome: 'canceled', truncated: true, stdout: 'y\ny\n' } });
    expect((error as RunError).message).toContain('its output is longer than maxBuffer');
  });

  it('env leaves out what is undefined', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const env = { GIVEN: 'yes', MISSING: undefined } as unknown as Record<string, string>;
    const { stdout } = await host.run('sh', ['-c', 'env | grep -c MISSING; echo $GIVEN'], { env });
    expect(stdout).toBe('0\nyes\n');
  });
});

describe('a signal that is sent before the command runs', () => {
  it('does not hide the next one', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const run = host.run('sleep', ['1000'], { reject: false });
    run.kill('SIGWINCH');
    run.kill('SIGKILL', { tree: true });
    expect((await run).outcome).toMatch(/^(signaled|canceled)$/);
  });

  it('ends nothing where it would end no command', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const run = host.run('echo', ['begun']);
    run.kill('SIGWINCH');
    expect((await run).stdout).toBe('begun\n');
  });
});

describe('an input stream', () => {
  it.each([
    ['fails', (stream: PassThrough) => stream.destroy(new Error('disk on fire')), 'disk on fire'],
    ['is destroyed', (stream: PassThrough) => stream.destroy(), 'Premature close'],
  ] as const)('that %s cancels the run, and is not taken for its end', async (_how, breakOff, reason) => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const input = new PassThrough();
    input.write('half');
    const run = host.run('sh', ['-c', 'cat; echo end'], { input, reject: false });
    await new Promise((resolve) => run.stdout.once('data', resolve));
    breakOff(input);
    const result = await run;
    expect([result.outcome, result.stdout]).toEqual(['canceled', 'half']);
    expect(result.reason).toContain(reason);
  });

  it('that has failed before cancels the run', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const input = new PassThrough().on('error', () => undefined);
    input.destroy(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
    expect((await host.run('cat', [], { input, reject: false })).outcome).toBe('canceled');
  });

  it('is read to its end', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const input = Readable.from(['one ', 'two ', 'three']);
    expect((await host.run('cat', [], { input })).stdout).toBe('one two three');
  });
});

describe('a run that is not wanted any more', () => {
  it('is canceled at once by a signal that was aborted before, and on a plain wire not even sent', async () => {
    await using daemon = await startDaemon({ words: READY });
    const options = { shell: true, cancelSignal: AbortSignal.abort(), reject: false };
    for (const address of [daemon.address, await readyAddress(daemon)]) {
      await using host = await connect(address);
      const result = await host.run('sleep 1000', [], options);
      expect([result.outcome, result.code]).toEqual(['canceled', 'CANCELED']);
    }
  });

  it('is lost, not unreachable, where its host is closed while it goes on', async () => {
    await using daemon = await startDaemon({ words: READY });
    for (const address of [daemon.address, await readyAddress(daemon)]) {
      const host = await connect(address);
      const run = host.run('sleep 1000', [], { shell: true, reject: false });
      await run.pid;
      // Another turn of the loop, in which the command leaves
      await new Promise((resolve) => setImmediate(resolve));
      await host.close();
      expect((await run).outcome).toBe('lost');
    }
  });

  it('rejects only for who awaits it, once it was abandoned', async () => {
    await using daemon = await startDaemon({ words: READY });
    const unhandled: unknown[] = [];
    const keep = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', keep);
    for (const address of [daemon.address, await readyAddress(daemon)]) {
      await using host = await connect(address);
      const run = host.run('sleep 1000', [], { shell: true, buffer: false });
      await run.pid;
      run.abandon();
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      await expect(run).rejects.toMatchObject({ code: 'ABANDONED', result: { outcome: 'lost' } });
    }
    process.off('unhandledRejection', keep);
    expect(unhandled).toEqual([]);
  });

  it('rejects with the code of what ended it', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const run = (options: RunOptions) => host.run('sleep', ['1000'], options);
    await expect(run({ timeout: 1 })).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await expect(run({ cancelSignal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELED' });
    await expect(host.run('false')).rejects.toMatchObject({ code: 'RUN_FAILED' });
    await expect(host.run('nowhere-to-be-found')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('takes an option that is undefined for one that is not given', async () => {
    await using daemon = await startDaemon();
    const connecting: ConnectOptions = {
      config: false,
      passphrase: process.env['REXA_UNSET'],
      cwd: undefined,
    };
    await using host = await connect(daemon.address, connecting);
    const options: RunOptions = {
      cwd: undefined,
      env: undefined,
      timeout: undefined,
      reject: undefined,
      encoding: undefined,
    };
    expect((await host.run('echo', ['x'], options)).stdout).toBe('x\n');
    const terminal = { columns: 80, rows: 24, term: undefined, modes: undefined };
    expect((await host.run('sh', ['-c', 'echo $TERM'], { terminal })).stdout).toBe('xterm-256color\r\n');
  });

  it('settles over a plain wire where nobody reads its output', async () => {
    await using daemon = await startDaemon({ words: READY });
    await using host = await connect(await readyAddress(daemon));
    const options = { shell: true, buffer: false, reject: false };
    const abandoned = host.run('yes | head -c 5000000', [], options);
    await new Promise((resolve) => abandoned.stdout.once('readable', resolve));
    abandoned.abandon();
    expect((await abandoned).outcome).toBe('lost');
    const dropped = host.run('yes | head -c 5000000', [], options);
    await new Promise((resolve) => dropped.stdout.once('readable', resolve));
    dropped.stdout.destroy();
    expect([(await dropped).outcome, (await dropped).bytes.stdout]).toEqual(['exited', 5_000_000]);
  });

  it('is refused once its host has begun to close', async () => {
    await using daemon = await startDaemon();
    const host = await connect(daemon.address);
    const closed = host.close();
    const result = await host.run('true', [], { reject: false });
    expect([result.outcome, result.code]).toEqual(['unreachable', 'CLOSED']);
    await closed;
    expect((await host.run('true', [], { reject: false })).code).toBe('CLOSED');
  });
});

describe('a long reply of both outputs over the plain wire', () => {
  it('is whole, and leaves nobody waiting behind it', async () => {
    await using daemon = await startDaemon({
      words: ['--allow-root', '--listen', 'ready://127.0.0.1:0?stderr=merge'],
    });
    await using host = await connect(await readyAddress(daemon));
    const line = 'head -c 20000000 /dev/zero | tr "\\0" o; head -c 20000000 /dev/zero | tr "\\0" e >&2';
    const { stdout } = await host.run(line, [], { shell: true });
    const errors = stdout.split('e').length - 1;
    expect([stdout.length, errors]).toEqual([40_000_000, 20_000_000]);
    expect(daemon.log()).not.toContain('MaxListeners');
  });
});

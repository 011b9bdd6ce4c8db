import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';

type Told = Readonly<Record<string, unknown>>;

const parse = (stdout: Buffer): Told => JSON.parse(stdout.toString()) as Told;

const RECEIPT = { name: 'utf8', source: 'host', replaced: 0 };

describe('--json', () => {
  it('is one line with the fields of the contract, in its order', async () => {
    await using daemon = await startDaemon({ words: ['--encoding', 'utf8'] });
    const words = ['run', '--json', daemon.address, '-c', 'cat; echo 你好; echo bad >&2; exit 3'];
    const { status, stdout, stderr } = await runRexa(words, { input: 'in\n' });
    expect([status, stderr]).toEqual([3, '']);
    expect(stdout.toString()).toMatch(/^\{.*\}\n$/);
    const told = parse(stdout);
    const expected: Told = {
      v: 1,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      jobId: null,
      host: daemon.address,
      outcome: 'exited',
      exitCode: 3,
      signal: null,
      reason: null,
      stdout: 'in\n你好\n',
      stderr: 'bad\n',
      truncated: false,
      encoding: { stdout: RECEIPT, stderr: RECEIPT },
      bytes: { stdin: 3, stdout: 10, stderr: 4 },
      durationMs: expect.any(Number),
      resumed: 0,
      survivors: [],
      pipeHeldBy: [],
      complete: true,
      code: null,
      command: { line: 'cat; echo 你好; echo bad >&2; exit 3' },
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      connectMs: expect.any(Number),
      retryable: false,
    };
    expect(told).toEqual(expected);
    expect(Object.keys(told)).toEqual(Object.keys(expected));
  });

  it('counts what the command wrote, before transcoding', async () => {
    await using daemon = await startDaemon();
    const words = [
      'run',
      '--json',
      '--encoding',
      'gbk',
      daemon.address,
      '-c',
      String.raw`printf '\304\343\272\303\n'`,
    ];
    expect(parse((await runRexa(words)).stdout)).toMatchObject({
      stdout: '你好\n',
      bytes: { stdin: 0, stdout: 5, stderr: 0 },
      encoding: { stdout: { name: 'gbk', source: 'option', replaced: 0 } },
    });
  });

  it('counts what is not valid, and warns once on stderr', async () => {
    await using daemon = await startDaemon();
    const command = String.raw`printf 'a\377b\376'; printf '\377' >&2`;
    const words = ['run', '--json', daemon.address, '--encoding', 'utf8', '-c', command];
    const { stdout, stderr } = await runRexa(words);
    expect(parse(stdout)).toMatchObject({
      stdout: 'a\ufffdb\ufffd',
      stderr: '\ufffd',
      encoding: { stdout: { replaced: 2 }, stderr: { replaced: 1 } },
    });
    expect(stderr).toBe(
      'rexa: 3 characters are not valid utf8 and were replaced with U+FFFD; --encoding binary passes bytes unchanged\n',
    );
    expect((await runRexa(['-q', ...words])).stderr).toBe('');
  });

  it('has bytes in base64 with --encoding binary', async () => {
    await using daemon = await startDaemon();
    const words = [
      'run',
      '--json',
      '--encoding',
      'binary',
      daemon.address,
      '-c',
      String.raw`printf '\377\0\n'; echo x >&2`,
    ];
    const { stdout, stderr } = await runRexa(words);
    const told = parse(stdout);
    expect(told).toMatchObject({
      stdout: Buffer.from([0xff, 0, 10]).toString('base64'),
      stderr: Buffer.from('x\n').toString('base64'),
      base64: true,
    });
    expect(stderr).toBe('');
  });

  it('names a process that still holds the pipe', async () => {
    await using daemon = await startDaemon();
    const { stdout, stderr, status } = await runRexa([
      'run',
      '--json',
      '-n',
      daemon.address,
      '-c',
      'sleep 30 & echo $!',
    ]);
    const told = parse(stdout);
    const pid = Number(told['stdout']);
    expect([status, told['outcome'], told['pipeHeldBy']]).toEqual([0, 'exited', [pid]]);
    expect(stderr).toBe(
      `rexa: stdout or stderr is still held open by pid ${pid}; further output is discarded\n`,
    );
    process.kill(pid, 'SIGKILL');
  });

  it('is not written for a command line that cannot be understood', async () => {
    const { status, stdout } = await runRexa(['run', '--json', '--unheard-of', 'local', 'true']);
    expect([status, stdout.toString()]).toEqual([125, '']);
  });

  it('carries output that is longer than a pipe holds', async () => {
    await using daemon = await startDaemon();
    const { stdout } = await runRexa(['run', '--json', '-n', daemon.address, 'seq', '300000']);
    const numbers = String(parse(stdout)['stdout']).trimEnd().split('\n');
    expect([numbers.length, numbers.at(-1)]).toEqual([300_000, '300000']);
  });
});

describe('--json=FILE', () => {
  it('writes the line beside live output, whatever became of the run', async () => {
    await using daemon = await startDaemon();
    const file = join(daemon.folder, 'run.json');
    const run = await runRexa([
      'run',
      '-n',
      `--json=${file}`,
      daemon.address,
      '-c',
      'echo out; echo err >&2; exit 3',
    ]);
    expect([run.status, run.stdout.toString(), run.stderr]).toEqual([3, 'out\n', 'err\n']);
    expect(parse(readFileSync(file))).toMatchObject({
      outcome: 'exited',
      exitCode: 3,
      stdout: '',
      bytes: { stdout: 4 },
    });
    const gone = await runRexa(['run', '-n', `--json=${file}`, 'unix:/nobody/there.sock', 'true']);
    expect([gone.status, gone.stdout.toString()]).toEqual([125, '']);
    const told = parse(readFileSync(file));
    expect(told).toMatchObject({ outcome: 'unreachable', code: 'CONNECT_FAILED', retryable: true });
    expect(told['durationMs']).toBeGreaterThan(0);
  });

  it('runs nothing where the file cannot be written', async () => {
    await using daemon = await startDaemon();
    const mark = join(daemon.folder, 'mark');
    const words = ['run', '-n', '--json=/nowhere/run.json', daemon.address, 'touch', mark];
    expect(await runRexa(words)).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(
        /^rexa: --json: cannot write \/nowhere\/run\.json: there is no folder \/nowhere\n/,
      ),
    });
    expect(existsSync(mark)).toBe(false);
  });

  it('is exit status 125 where the line of a success is not written whole', async () => {
    await using daemon = await startDaemon();
    const words = ['run', '-n', '--json=/dev/full', daemon.address, 'true'];
    expect(await runRexa(words)).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(
        /^rexa: --json: cannot write \/dev\/full: no space left on the device; the command exited with code 0\n/,
      ),
    });
  });
});

describe('--retry', () => {
  it('tries again while nothing was run, and says so', async () => {
    await using daemon = await startDaemon();
    const config = join(daemon.folder, 'config.yaml');
    const place = (address: string): void =>
      writeFileSync(config, `hosts: {h: {address: "${address}"}}\n`, { mode: 0o600 });
    place('unix:/nobody/there.sock');
    const rexa = startRexa(['run', '-n', '--retry', '20', '--config', config, 'h', '--', 'echo', 'in']);
    await rexa.untilStderr('retrying in 1 s (1 of 20)');
    place(daemon.address);
    expect(await rexa.exit).toMatchObject({ status: 0, stdout: Buffer.from('in\n') });
  });

  it('tries nothing again that was run, or that cannot succeed', async () => {
    await using daemon = await startDaemon();
    const mark = join(daemon.folder, 'mark');
    const line = `echo x >>'${mark}'; exit 3`;
    expect((await runRexa(['run', '-n', '--retry', '5', daemon.address, '-c', line])).status).toBe(3);
    expect(readFileSync(mark, 'utf8')).toBe('x\n');
    const missing = await runRexa(['run', '-n', '--retry', '5', daemon.address, '/no/such/program']);
    expect([missing.status, missing.stderr]).toEqual([127, expect.not.stringContaining('trying again')]);
  });
});

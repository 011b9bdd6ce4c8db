import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { openHost } from '../../../src/client/open-host.ts';
import { MAX_PROGRAM_LINES } from '../../../src/transports/limits.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { makeRelayHome, type RelayHome } from '../../fixtures/relay-home.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const MIB = 1024 * 1024;
/** Reached through programs, whose first starts its daemon. */
const home: RelayHome = makeRelayHome();
afterAll(() => home[Symbol.asyncDispose]());

/** An address whose program notes its pid, in order. */
function noting(file: string, ...more: readonly string[]): string {
  return home.address(`echo $$ >> ${file};`, ...more);
}

const pidsIn = (file: string): number[] => readFileSync(file, 'utf8').trim().split('\n').map(Number);

/** What programs say, through the library. */
function collectLines() {
  const lines: string[] = [];
  return { lines, options: { warn: (line: string) => void lines.push(line) } };
}

describe('a host behind a program', () => {
  it('runs commands, and takes their input and output whole', async () => {
    await using host = await connect(home.address());
    const input = Buffer.from(Uint32Array.from({ length: MIB }, (_, index) => index).buffer);
    const { stdout } = await host.run('cat', { input, encoding: 'binary', maxBuffer: 8 * MIB });
    expect(Buffer.from(stdout).equals(input)).toBe(true);
    expect(await host.run('sh', ['-c', 'exit 7'], { reject: false })).toMatchObject({
      outcome: 'exited',
      exitCode: 7,
    });
  });

  it('starts no second daemon, and ends the program when it is closed', async () => {
    const file = join(home.folder, 'closed');
    for (const _ of [1, 2]) {
      await using host = await connect(noting(file));
      await host.ping();
    }
    expect(pidsIn(file).map(isAlive)).toEqual([false, false]);
    expect(home.log().match(/ ready pid=/g)).toHaveLength(1);
  });

  it('goes on behind another program when one is killed in the middle of a run', async () => {
    const file = join(home.folder, 'cut');
    await using host = await connect(noting(file));
    const run = host.run('sh', ['-c', 'echo one; read line; echo "$line"; exit 7'], {
      stdin: 'pipe',
      reject: false,
    });
    await new Promise((resolve) => run.stdout.once('data', resolve));
    process.kill(pidsIn(file)[0] ?? 0, 'SIGKILL');
    run.stdin?.end('two\n');
    expect(await run).toMatchObject({ outcome: 'exited', exitCode: 7, stdout: 'one\ntwo\n', resumed: 1 });
    expect(pidsIn(file)).toHaveLength(2);
  });

  it('shows what its program writes to stderr, a line at a time with its name, and not without end', async () => {
    const { lines, options } = collectLines();
    const flood = 'i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done;';
    await using host = await connect(home.address(`printf "\\033[31mred\\n" >&2; ${flood}`), options);
    await host.ping();
    expect(lines[0]).toBe('sh: \\x1b[31mred');
    expect(lines[1]).toBe('sh: line 0');
    expect(lines).toHaveLength(MAX_PROGRAM_LINES + 1);
  });

  it('reads a stderr of one endless line without keeping it', async () => {
    const { lines, options } = collectLines();
    await using host = await connect(home.address('head -c 5000000 /dev/zero | tr "\\0" x >&2;'), options);
    await host.ping();
    expect(lines.join('').length).toBeLessThan(2048);
  });

  it('is told apart in the log of its daemon, with what nobody has proven of its client', async () => {
    const told = 'SSH_CONNECTION="192.0.2.1 4000 192.0.2.2 22"; export SSH_CONNECTION;';
    await using host = await connect(home.address(told));
    await host.run('true');
    const lines = home.log().split('\n');
    const relayed = lines.findLast((line) => line.includes('connection relayed'));
    expect(relayed).toContain('"rights":"full","unproven":{"SSH_CONNECTION":"192.0.2.1 4000 192.0.2.2 22"');
    const run = lines.findLast((line) => line.includes('run-started'));
    expect(run).toContain('192.0.2.1 4000 192.0.2.2 22');
  });

  it('has no more than the rights that its relay leaves it', async () => {
    await using host = await connect(home.address('', '--rights', 'restrict'));
    expect((await host.run('echo', ['allowed'])).stdout).toBe('allowed\n');
    const terminal = { terminal: { columns: 80, rows: 24 }, reject: false } as const;
    expect(await host.run('true', terminal)).toMatchObject({ outcome: 'denied', code: 'NOT_PERMITTED' });
    expect(await host.run('true', { lifetime: 'detached', reject: false })).toMatchObject({
      outcome: 'denied',
    });
    await expect(host.jobs()).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
  });
});

/** What sh does, and what is told of it. `$R` is a relay that works. */
const FAILURES: readonly (readonly [what: string, does: string, code: string, text: string])[] = [
  ['ends at once', 'exit 3', 'PROGRAM_ENDED', 'ended with status 3'],
  ['ends at once with 0', 'exit 0', 'PROGRAM_ENDED', 'ended with status 0'],
  [
    'says why it ends',
    'echo no such pod >&2; exit 1',
    'PROGRAM_ENDED',
    'status 1 before rexad --stdio answered: no such pod',
  ],
  ['is killed', 'kill -9 $$', 'PROGRAM_ENDED', 'was ended by SIGKILL'],
  ['is not there', 'exec no-such-program', 'PROGRAM_ENDED', 'ended with status 127'],
  ['writes half a preamble and ends', 'printf "rexad --std"; exit 4', 'PROGRAM_ENDED', 'ended with status 4'],
  [
    'writes half a preamble and waits',
    'printf "rexad --std"; exec sleep 1000',
    'CONNECT_TIMEOUT',
    'did not answer',
  ],
  ['never answers', 'exec sleep 1000', 'CONNECT_TIMEOUT', 'did not answer within 300 ms'],
  ['closes its stdout and goes on', 'exec sleep 1000 >&-', 'PROGRAM_ENDED', 'closed its stdout'],
  ['prints a banner first', 'echo "Welcome to web1"; exec $R', 'PROGRAM_BANNER', '"Welcome to web1"'],
  ['prints a banner without a line', 'printf "password:"; exec sleep 1000', 'PROGRAM_BANNER', '"password:"'],
  ['prints what steers terminals', 'printf "\\033[2Jhi\\n"', 'PROGRAM_BANNER', '\\x1b[2Jhi'],
  ['writes another preamble', 'echo "rexad --stdio 2"', 'PROGRAM_BANNER', '"rexad --stdio 2"'],
  ['writes without end', 'exec yes', 'PROGRAM_BANNER', '"y"'],
];

describe('a program', () => {
  it.each(FAILURES)('that %s leaves nothing, and is unreachable', async (_what, does, code, text) => {
    const file = join(home.folder, 'failing');
    writeFileSync(file, '');
    const script = join(home.folder, 'program.sh');
    writeFileSync(script, `echo $$ > ${file}; ${does.replace('$R', home.line())}\n`);
    const timeout = code === 'CONNECT_TIMEOUT' ? 300 : 20_000;
    const failure: unknown = await connect(`exec:sh ${script}`, { timeout }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(text) as string });
    await waitUntil('it has ended', () => !isAlive(pidsIn(file)[0] ?? 0));
  });

  it.each([
    ['ends', '$SAY; exit 5', 'ended with status 5'],
    ['is killed', '$SAY; kill -9 $$', 'was ended by SIGKILL'],
    ['takes nothing', 'exec <&-; $SAY; exec sleep 1000', 'takes no more input'],
  ])('that %s behind its preamble says so to those who wait for no other one', async (_what, does, text) => {
    const script = join(home.folder, 'short.sh');
    writeFileSync(script, `${does.replace('$SAY', 'echo "rexad --stdio 1"')}\n`);
    const failure = connect(`exec:sh ${script}`, { reconnectFor: 0 });
    await expect(failure).rejects.toMatchObject({ message: expect.stringContaining(text) as string });
  });

  it('gets no byte before it has written the preamble', async () => {
    const file = join(home.folder, 'input');
    const script = join(home.folder, 'reading.sh');
    writeFileSync(script, `timeout 0.3 cat > ${file}; exec ${home.line()}\n`);
    await using host = await openHost(`exec:sh ${script}`);
    expect((await host.run('echo', ['whole'])).stdout).toBe('whole\n');
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});

describe('rexa run with a program', () => {
  it('exits with the status of the command, or 125 and an outcome that says that nothing was run', async () => {
    const run = await runRexa(['run', home.address(), '--', 'sh', '-c', 'echo out; exit 7']);
    expect([run.status, run.stdout.toString()]).toEqual([7, 'out\n']);
    const failed = await runRexa(['run', '--json', "exec:sh -c 'echo why >&2; exit 3'", '--', 'true']);
    expect(failed.status).toBe(125);
    expect(JSON.parse(failed.stdout.toString())).toMatchObject({
      outcome: 'unreachable',
      code: 'PROGRAM_ENDED',
    });
    expect(failed.stderr).toContain('rexa: sh: why');
  });

  it('takes the command of a host from the configuration', async () => {
    const config = join(home.folder, 'config.yaml');
    writeFileSync(config, JSON.stringify({ hosts: { web: { command: home.words() } } }), { mode: 0o600 });
    const run = await runRexa(['run', '--config', config, 'web', '--', 'echo', 'a  b']);
    expect([run.status, run.stdout.toString(), run.stderr]).toEqual([0, 'a  b\n', '']);
  });
});

describe.runIf(process.getuid?.() === 0)('rexad --stdio as root', () => {
  it('wants to be allowed to', async () => {
    const words = home.words().filter((word) => word !== '--allow-root');
    await expect(connect(`exec:${words.join(' ')}`)).rejects.toMatchObject({
      code: 'PROGRAM_ENDED',
      message: expect.stringContaining('runs as root') as string,
    });
  });

  it('is its own in a namespace of processes', async () => {
    await using host = await connect(`exec:unshare --mount --fork ${home.line()}`);
    expect((await host.run('echo', ['inside'])).stdout).toBe('inside\n');
  });
});

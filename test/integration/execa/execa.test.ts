import { once } from 'node:events';
import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connect,
  connectAll,
  type Host,
  type HostExecaOptions,
  HostsError,
} from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { makeJobHome } from '../../fixtures/jobs.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

let daemon: Awaited<ReturnType<typeof startDaemon>>;
let host: Host;
let folder: string;

beforeAll(async () => {
  daemon = await startDaemon();
  folder = mkdtempSync(join(tmpdir(), 'rexa-execa-'));
  host = await connect(daemon.address, { cwd: folder, env: { GIVEN: 'by connect' } });
});

afterAll(async () => {
  await host.close();
  await daemon[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** What a command failed with. */
async function failureOf(run: PromiseLike<unknown>): Promise<Record<string, unknown>> {
  try {
    await run;
  } catch (error) {
    return error as Record<string, unknown>;
  }
  throw new Error('it did not fail');
}

describe('arguments', () => {
  it('arrive as they are, from an array or a template', async () => {
    const words = ['a b', '', '$HOME', `"'`, '\\', '*', 'é'];
    const { stdout } = await host.execa('printf', ['%s|', ...words]);
    expect(stdout).toBe(words.map((word) => `${word}|`).join(''));
    expect((await host.$`printf %s| ${words} z`).stdout).toBe(`${stdout}z|`);
  });

  it.each([
    [{}, 'by connect own'],
    [{ extendEnv: false }, ' own'],
    [{ env: { GIVEN: 'by call', OWN: 'own' } }, 'by call own'],
    [{ env: { GIVEN: undefined, OWN: 'own' } }, ' own'],
  ])('with %j see no variable of this process', async (options, expected) => {
    process.env['REXA_EXECA_TEST'] = 'local';
    const { stdout } = await host.execa('sh', ['-c', 'echo "$GIVEN $OWN$NOT_REXA_EXECA_TEST"'], {
      env: { OWN: 'own' },
      ...options,
    });
    expect(stdout).toBe(expected);
  });

  it('run in the folder of the connection, and relative to that', async () => {
    expect(await host.$`pwd`).toMatchObject({ stdout: folder, cwd: folder });
    expect((await host.execa({ cwd: '..' })`pwd`).stdout).toBe(tmpdir());
    const { code, message } = await failureOf(host.execa({ cwd: '/nope' })`pwd`);
    expect([code, message]).toEqual([
      'ENOENT',
      expect.stringContaining('The "cwd" option is invalid: /nope'),
    ]);
  });

  it('are a line of /bin/sh with `shell`, and of another shell by its name', async () => {
    expect((await host.execa({ shell: true })`echo $((1+2)) | cat`).stdout).toBe('3');
    expect((await host.execa('echo $BASH', { shell: '/bin/bash' })).stdout).toBe('/bin/bash');
  });

  it('find local programs with $, by preferLocal and localDir', async () => {
    expect((await host.$`printenv PATH`).stdout).toContain(`${folder}/node_modules/.bin:`);
    expect((await host.execa`printenv PATH`).stdout).not.toContain(`${folder}/node_modules`);
    const { stdout } = await host.execa({ preferLocal: true, localDir: '/srv' })`printenv PATH`;
    expect(stdout).toMatch(/^\/srv\/node_modules\/\.bin:\/node_modules\/\.bin:/);
  });

  it('are run by the node of the host with execaNode', async () => {
    writeFileSync(join(folder, 'script.mjs'), 'console.log(process.argv.slice(2).join())');
    expect((await host.execaNode('script.mjs', ['a', 'b c'])).stdout).toBe('a,b c');
  });
});

describe('a result', () => {
  it('has the fields of execa, and those of rexa beside them', async () => {
    expect(await host.execa('sh', ['-c', 'echo out; echo err >&2'], { all: true })).toMatchObject({
      command: 'sh -c echo out; echo err >&2',
      failed: false,
      exitCode: 0,
      stdout: 'out',
      stderr: 'err',
      outcome: 'exited',
      host: daemon.address,
      survivors: [],
      jobId: null,
      resumed: 0,
      encodings: { stdout: { name: 'utf8' } },
      bytes: { stdout: 4, stderr: 4 },
      remoteCommand: `rexa run --cwd ${folder} ${daemon.address} -- sh -c 'echo out; echo err >&2'`,
    });
  });

  it.each([
    [['sh', ['-c', 'echo no >&2; exit 3']], { exitCode: 3, stderr: 'no', outcome: 'exited' }],
    [['sh', ['-c', 'kill -9 $$']], { signal: 'SIGKILL', isTerminated: true, outcome: 'signaled' }],
    [['no-such-program', []], { code: 'ENOENT', outcome: 'not-started' }],
    [['/etc/passwd', []], { code: 'EACCES', outcome: 'not-started' }],
    [['env', [], { env: { LD_PRELOAD: 'x' } }], { code: 'ENVIRONMENT_REFUSED', outcome: 'denied' }],
  ] as const)('of a failure of %j says what failed', async ([file, args, options = {}], expected) => {
    const failed = await failureOf(host.execa(file, args, options));
    expect(failed).toMatchObject({ name: 'ExecaError', failed: true, ...expected });
    expect(await host.execa(file, args, { ...options, reject: false })).toMatchObject(expected);
  });

  it('is told `lost` when the host is gone, whatever execa knows', async () => {
    const other = await startDaemon();
    const there = await connect(other.address, { reconnectFor: 0 });
    const run = there.execa('cat');
    run.nodeChildProcess.once('spawn', () => void other.stop('SIGKILL'));
    expect(await failureOf(run)).toMatchObject({ outcome: 'lost', failed: true });
    await other[Symbol.asyncDispose]();
  });
});

describe('an end', () => {
  it.each([
    ['a timeout', { timeout: 100 }, { timedOut: true, outcome: 'timed-out', signal: 'SIGTERM' }],
    ['a cancel', { cancelSignal: AbortSignal.timeout(100) }, { isCanceled: true, outcome: 'canceled' }],
    [
      'SIGKILL after the delay',
      { timeout: 100, forceKillAfterDelay: 100 },
      { isForcefullyTerminated: true, signal: 'SIGKILL' },
      "trap '' TERM; while :; do sleep 1; done",
    ],
  ] as readonly [string, HostExecaOptions, object, string?][])(
    'by %s has its fields',
    async (_what, options, expected, line = 'exec sleep 600') => {
      expect(await failureOf(host.execa('sh', ['-c', line], options))).toMatchObject(expected);
    },
  );

  it('by kill() is told with its signal, and before the command has begun too', async () => {
    const run = host.execa`sleep 600`;
    expect(run.kill('SIGINT')).toBe(true);
    const failure = await failureOf(run);
    expect(failure).toMatchObject({ signal: 'SIGINT', isTerminated: true });
    expect(failure['code']).toBeUndefined();
    expect(run.kill()).toBe(false);
  });

  it('by a cancel keeps the code of its reason', async () => {
    const cancel = new AbortController();
    const run = host.execa({ cancelSignal: cancel.signal })`sleep 600`;
    cancel.abort(Object.assign(new Error('enough'), { code: 'ENOUGH' }));
    expect(await failureOf(run)).toMatchObject({ isCanceled: true, outcome: 'canceled', code: 'ENOUGH' });
  });

  it('sends no signal to a process of this machine', async () => {
    const run = host.execa({ killDescendants: true })`sleep 600`;
    await new Promise((resolve) => void run.nodeChildProcess.once('spawn', resolve));
    expect(run.pid).toBeGreaterThan(0);
    run.kill();
    expect(await failureOf(run)).toMatchObject({ signal: 'SIGTERM' });
  });
});

describe('stdio', () => {
  it.each([
    ['a string', { input: 'text' }],
    ['bytes', { input: Buffer.from('text') }],
    ['a stream', { input: Readable.from(['te', 'xt']) }],
    ['an iterable', { stdin: new Set(['te', 'xt']) }],
    [
      'a generator',
      {
        stdin: [
          ['text'],
          function* (line: unknown) {
            yield line;
          },
        ],
      },
    ],
  ])('gives a command %s', async (_what, options) => {
    expect((await host.execa('cat', options as never)).stdout).toBe('text');
  });

  it('writes to and reads from files of this machine', async () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    writeFileSync(from, 'of a file');
    await host.execa('cat', { inputFile: from, stdout: { file: to } });
    expect(readFileSync(to, 'utf8')).toBe('of a file');
  });

  it.each(['stdin', 'stdout'] as const)('ends when the file of its %s is destroyed', async (name) => {
    const file = join(folder, `destroyed-${name}`);
    writeFileSync(file, 'of a file');
    const stream = name === 'stdin' ? createReadStream(file) : createWriteStream(file);
    await once(stream, 'open');
    const run = host.execa('sh', ['-c', 'cat; exit 3'], { stdin: 'ignore', [name]: stream });
    stream.destroy(new Error('enough'));
    expect(await failureOf(run)).toMatchObject({ failed: true, exitCode: 3 });
  });

  it('has descriptors above 2, in both directions', async () => {
    const { stdio } = await host.execa('sh', ['-c', 'cat <&4 >&3'], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', ['pipe', Readable.from(['through'])]],
    } as never);
    expect((stdio as unknown[])[3]).toBe('through');
  });

  it('ends when a descriptor of this process cannot be read', async () => {
    const fd = openSync(folder, 'r');
    const failure = await failureOf(host.execa('sh', ['-c', 'cat; exit 3'], { stdin: fd } as never));
    closeSync(fd);
    expect(failure).toMatchObject({ failed: true, exitCode: 3 });
  });

  it('reads a file of this machine on a descriptor above 2', async () => {
    const file = join(folder, 'above');
    writeFileSync(file, 'of a file');
    const stream = createReadStream(file);
    await once(stream, 'open');
    const { stdout } = await host.execa('sh', ['-c', 'cat <&3'], {
      stdio: ['ignore', 'pipe', 'pipe', stream],
    } as never);
    expect(stdout).toBe('of a file');
  });

  it('transforms lines', async () => {
    const { stdout } = await host.execa('printf', ['a\\nb\\n'], {
      stdout: function* (line: unknown) {
        yield `<${line as string}>`;
      },
      lines: true,
    });
    expect(stdout).toEqual(['<a>', '<b>']);
  });

  it('gives commands that inherit a stdin one after the other what is left of it, and then its end', async () => {
    const { execa } = await import('execa');
    const script = `
      import { connect } from ${JSON.stringify(new URL('../../../dist/client/index.js', import.meta.url).href)};
      const host = await connect(${JSON.stringify(daemon.address)});
      const seen = [];
      for (let call = 0; call < 3; call++) seen.push((await host.$\`cat\`).stdout);
      process.stdout.write(JSON.stringify(seen));
      await host.close();
    `;
    const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', script], {
      input: 'all of it',
    });
    expect(JSON.parse(stdout)).toEqual(['all of it', '', '']);
  });

  it('copies what is inherited to a stream of this process', async () => {
    const lines: string[] = [];
    const into = new PassThrough().on('data', (chunk: Buffer) => lines.push(chunk.toString()));
    await host.execa('echo', ['copied'], { stdout: ['pipe', into] });
    expect(lines.join('')).toBe('copied\n');
  });
});

describe('pipe', () => {
  it('goes from command to command on the host, and tells where from', async () => {
    const result = await host.$`printf ${'b\na\n'}`.pipe`sort`.pipe`head -1`;
    expect(result).toMatchObject({ stdout: 'a', pipedFrom: [{ command: 'sort' }] });
  });

  it('goes between this machine, one host and another', async () => {
    const { execa } = await import('execa');
    await using other = await connect(daemon.address);
    const destination = other.execa('cat');
    await host.execa('echo', ['x']).pipe(destination);
    expect((await destination).stdout).toBe('x');
    const local = execa('echo', ['y']);
    const remote = host.execa('cat');
    local.stdout.pipe(remote.stdin as never);
    expect((await remote).stdout).toBe('y');
  });

  it('that is canceled leaves both commands to their own ends', async () => {
    const unpipe = new AbortController();
    const [source, destination] = [host.execa('cat'), host.execa('cat')];
    const pipe = source.pipe(destination, { unpipeSignal: unpipe.signal });
    unpipe.abort();
    expect(await failureOf(pipe)).toMatchObject({
      originalMessage: expect.stringContaining('Pipe canceled') as unknown,
    });
    source.stdin.end('from the source');
    destination.stdin.end('from the destination');
    expect([(await source).stdout, (await destination).stdout]).toEqual([
      'from the source',
      'from the destination',
    ]);
  });

  it('tells the failure of its source, and ends a source whose destination has ended', async () => {
    const failed = await failureOf(host.execa('sh', ['-c', 'exit 7']).pipe('cat'));
    expect(failed).toMatchObject({ exitCode: 7 });
    expect(await failureOf(host.execa('yes').pipe('head', ['-1']))).toMatchObject({
      signal: 'SIGPIPE',
      command: 'yes',
    });
  });
});

describe('methods and conversions', () => {
  it('iterate over lines, and close the command when the reader leaves', async () => {
    const run = host.execa({ reject: false })`yes`;
    for await (const line of run) {
      expect(line).toBe('y');
      break;
    }
    expect(await run).toMatchObject({ signal: 'SIGPIPE' });
  });

  it('give streams of Node and of the web', async () => {
    const chunks = await host.execa`echo text`.readable().toArray();
    expect(Buffer.concat(chunks as Buffer[]).toString()).toBe('text\n');
    const response = new Response(host.execa`echo web`.readableStream() as never);
    expect(await response.text()).toBe('web\n');
  });

  it('keep their options when they are bound', async () => {
    const bound = host.$({ env: { A: '1' } })({ env: { B: '2' } });
    expect((await bound`sh -c ${'echo $A$B'}`).stdout).toBe('12');
  });
});

describe('output', () => {
  it('beyond maxBuffer fails the command, and ends it', async () => {
    const failed = await failureOf(host.execa({ maxBuffer: 10 })`yes`);
    expect(failed).toMatchObject({ isMaxBuffer: true, stdout: 'y\ny\ny\ny\ny' });
  });

  it('is bytes, hex or text as the encoding says; hostEncoding is the code page of the host', async () => {
    const gbk = ['-c', "printf '\\304\\343'"];
    expect((await host.execa('sh', gbk, { encoding: 'buffer' })).stdout).toEqual(Uint8Array.of(0xc4, 0xe3));
    expect((await host.execa('sh', gbk, { encoding: 'hex' })).stdout).toBe('c4e3');
    expect((await host.execa('sh', gbk, { hostEncoding: 'gbk' })).stdout).toBe('你');
  });

  it('is printed with verbose', async () => {
    const lines: string[] = [];
    await host.execa({ verbose: (line: string) => void lines.push(line) })`echo loud`;
    expect(lines.join('\n')).toContain('$ echo loud');
  });
});

describe('what has no meaning on another host', () => {
  it.each([
    [{ ipc: true }, 'ipc'],
    [{ ipc: true, gracefulCancel: true, cancelSignal: new AbortController().signal }, 'ipc'],
    [{ detached: true }, 'detached'],
    [{ uid: 0 }, 'uid'],
    [{ gid: 0 }, 'gid'],
  ])('is refused at once: %j', (options, name) => {
    expect(() => host.execa('true', options as never)).toThrow(
      `\`${name}\` option is not available on a remote host`,
    );
  });

  it('includes the synchronous forms', () => {
    const { sync } = host.$ as unknown as { sync: (text: TemplateStringsArray) => void };
    expect(() => sync`true`).toThrow('not available on a remote host');
    const { execaSync } = host as unknown as { execaSync: (file: string) => void };
    expect(() => execaSync('true')).toThrow('not available on a remote host');
  });
});

describe('several hosts', () => {
  it('give their outcomes in order, one that is down failing alone', async () => {
    await using all = connectAll([daemon.address, 'unix:/nope/rexad.sock', daemon.address], {
      concurrency: 2,
    });
    const outcomes = await all.$`echo here`;
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[0]).toMatchObject({ value: { stdout: 'here' } });
    const run = all.run('echo', ['again']);
    await expect(run.orThrow()).rejects.toBeInstanceOf(HostsError);
    const seen: string[] = [];
    for await (const { status } of run) seen.push(status);
    expect(seen.toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });
});

describe('options of a host alone', () => {
  it('make a job of a command: an id is run once', async () => {
    await using home = makeJobHome();
    await using own = await startDaemon({ env: home.env });
    await using jobs = await connect(own.address, { config: false });
    const deploy = () => jobs.execa('sh', ['-c', 'echo $$'], { id: 'once' });
    const [first, again] = [await deploy(), await deploy()];
    expect(again).toMatchObject({ stdout: first.stdout, jobId: 'once', outcome: 'exited' });
  });

  it('ignore what only Windows knows', async () => {
    const { stdout } = await host.execa('echo', ['x'], { windowsHide: true, windowsVerbatimArguments: true });
    expect(stdout).toBe('x');
  });

  it('end a command with its connection, whatever cleanup says', async () => {
    const other = await connect(daemon.address);
    const run = other.execa('sleep', ['1000'], { cleanup: false, reject: false });
    await once(run.nodeChildProcess, 'spawn');
    const { pid = 0 } = run;
    await other.close();
    await run;
    await waitUntil('it has ended', () => !isAlive(pid));
  });
});

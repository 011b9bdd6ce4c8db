import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { codeOfAsync, fixtureText, makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { startChaosProxy } from '../../fixtures/chaos-proxy.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { writePattern } from '../../fixtures/pattern.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';

const MIB = 1024 * 1024;
const SEED = Number(process.env['REXA_SEED'] ?? 1);
const LOGIN = {
  config: false,
  agent: null,
  knownHosts: null,
  acceptNew: true,
  identities: [{ name: 'ed25519', text: fixtureText('keys/ed25519') }],
} as const;

const start = (options = ''): Promise<TlsDaemon> =>
  startTlsDaemon({ lines: [`${options} ${publicLine('ed25519')}`.trim()] });
const addressOf = ({ port, fingerprint }: TlsDaemon, through = port): string =>
  `tls://127.0.0.1:${through}#${fingerprint}`;

/** Runs a program with the built library, whose variable `host` is a host that is reached by this route. */
async function runWithHost(
  route: object,
  address: string,
  body: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const library = pathToFileURL(join(import.meta.dirname, '../../../dist/client/index.js')).href;
  const script = join(makeTestFolder(), 'program.mjs');
  writeFileSync(
    script,
    `const { connect } = await import(${JSON.stringify(library)});
     const host = await connect(${JSON.stringify(address)}, ${JSON.stringify({ ...LOGIN, ...route })});
     ${body}`,
  );
  return (
    await promisify(execFile)(process.execPath, [script], {
      timeout: 50_000,
      env: { ...process.env, ...env },
    })
  ).stdout;
}

describe('host.unref()', () => {
  it.each<[what: string, body: string, stdout: string]>([
    ['lets the process end', "host.unref(); console.log('end');", 'end\n'],
    [
      'waits for a run',
      "host.unref(); host.run('sh', ['-c', 'sleep 0.3; echo ran']).then(({ stdout }) => process.stdout.write(stdout));",
      'ran\n',
    ],
  ])('behind jump hosts %s', async (_, body, stdout) => {
    await using target = await start();
    await using middle = await start();
    await using near = await startDaemon();
    const jump = [near.address, addressOf(middle)];
    expect(await runWithHost({ jump }, addressOf(target), body)).toBe(stdout);
  });

  it('behind a program lets the process end', async () => {
    await using target = await start();
    const home = makeTestFolder();
    const config = join(home, 'config.yaml');
    const ssh = join(home, '.ssh');
    mkdirSync(ssh, { mode: 0o700 });
    const program = `${process.execPath} -e "const s=require('net').connect(${target.port},'127.0.0.1');process.stdin.pipe(s);s.pipe(process.stdout)"`;
    writeFileSync(join(ssh, 'config'), `Host build1\n ProxyCommand ${program}\n`, { mode: 0o600 });
    writeFileSync(config, 'ssh-config: true\n', { mode: 0o600 });
    const body = "host.unref(); console.log('end');";
    expect(await runWithHost({ config }, 'build1', body, { HOME: home })).toBe('end\n');
  });
});

describe('a jump host', () => {
  it('carries a connection, and one through two of them, which connect to the next host', async () => {
    await using target = await start();
    await using middle = await start();
    await using near = await startDaemon();
    for (const jump of [near.address, [near.address, addressOf(middle)]]) {
      await using host = await connect(addressOf(target), { ...LOGIN, jump });
      const { stdout } = await host.run('cat', [], { input: 'through' });
      expect(stdout).toBe('through');
    }
    expect(near.log()).toContain(`to="127.0.0.1:${middle.port}"`);
    expect(middle.log()).toContain(`"to":"127.0.0.1:${target.port}"`);
  });

  it('has to be permitted to connect there', async () => {
    await using target = await start();
    await using jump = await start('restrict');
    const connecting = () => connect(addressOf(target), { ...LOGIN, jump: addressOf(jump) });
    expect(await codeOfAsync(connecting)).toBe('NOT_PERMITTED');
  });

  it('says which host it cannot reach, and why', async () => {
    await using near = await startDaemon();
    const connecting = connect('tls://127.0.0.1:1', { ...LOGIN, jump: near.address });
    await expect(connecting).rejects.toThrow(
      'cannot reach tls://127.0.0.1:1: cannot connect to 127.0.0.1:1: connection refused',
    );
    expect(await codeOfAsync(() => connect(near.address, { ...LOGIN, jump: near.address }))).toBe('USAGE');
  });

  it('may have a user of its own before its address', async () => {
    await using target = await start();
    await using middle = await start();
    const login = { ...LOGIN, jump: `nobody@${addressOf(middle)}` };
    await expect(connect(addressOf(target), login)).rejects.toThrow(/offered for nobody/);
    const own = userInfo().username;
    await using host = await connect(addressOf(target), { ...LOGIN, jump: `${own}@${addressOf(middle)}` });
    expect((await host.run('printf', ['there'])).stdout).toBe('there');
  });

  it('that is silent is the one whose time is over', async () => {
    const path = join(makeTestFolder(), 'silent.sock');
    const server = createServer();
    await once(server.listen(path), 'listening');
    chmodSync(path, 0o600);
    onTestFinished(() => void server.close());
    server.on('connection', (socket) => onTestFinished(() => void socket.destroy()));
    const connecting = connect('tls://127.0.0.1:1', { ...LOGIN, jump: `unix:${path}`, timeout: 200 });
    await expect(connecting).rejects.toMatchObject({
      code: 'CONNECT_TIMEOUT',
      message: expect.stringContaining(path) as string,
    });
  });

  it.each([
    ['a later one is not reached over TLS', ['local', 'ssh://gate'], /^only the first jump host may be/],
    ['it is a Ready/Start peer', ['ready://127.0.0.1:1'], /^ready:.* cannot be a jump host/],
  ])('is refused where %s', async (_what, jumps, message) => {
    await using near = await startDaemon();
    const jump = jumps.map((each) => (each === 'local' ? near.address : each));
    const connecting = () => connect('tls://127.0.0.1:1', { ...LOGIN, jump });
    await expect(connecting()).rejects.toThrow(message);
    expect(await codeOfAsync(connecting)).toBe('USAGE');
  });

  it.each(['the connection to it', 'the connection from it'])(
    'loses no byte while %s is cut again and again',
    async (which) => {
      await using target = await start();
      await using near = await startDaemon();
      const isNear = which === 'the connection to it';
      const place = isNear ? { path: near.socketPath } : { host: '127.0.0.1', port: target.port };
      await using proxy = await startChaosProxy(place, isNear ? 'unix' : 'tcp', SEED);
      const jump = 'path' in proxy.place ? `unix:${proxy.place.path}` : near.address;
      const through = 'port' in proxy.place ? proxy.place.port : target.port;
      const file = join(target.folder, 'pattern');
      const sha256 = writePattern(file, 8 * MIB);
      await using host = await connect(addressOf(target, through), { ...LOGIN, jump });
      proxy.setRules({ cutAfterBytes: [64 * 1024, 2 * MIB], cuts: 8 });
      proxy.cutAll();
      const run = host.run('cat', [file], { encoding: 'binary', buffer: false, reject: false });
      run.stderr.resume();
      const hash = createHash('sha256');
      for await (const chunk of run.stdout) hash.update(chunk as Buffer);
      expect([hash.digest('hex'), (await run).outcome]).toEqual([sha256, 'exited']);
      expect(proxy.cut).toBeGreaterThan(2);
    },
  );
});

describe('rexa', () => {
  /** A user's folder with a key, and the words and variables to use it. */
  function makeUser(config = '') {
    const home = makeTestFolder();
    const [key, known, file] = ['key', 'known_hosts', 'config.yaml'].map((name) => join(home, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(key, fixtureText('keys/ed25519'), { mode: 0o600 });
    writeFileSync(file, config, { mode: 0o600 });
    const words = ['-i', key, '-o', `UserKnownHostsFile=${known}`, '-o', 'StrictHostKeyChecking=accept-new'];
    return { words, file, key, env: { HOME: home, XDG_CONFIG_HOME: '', SSH_AUTH_SOCK: '' } };
  }

  it('connects as ssh does with -J, ProxyJump and ProxyCommand', async () => {
    await using target = await start();
    await using middle = await start();
    await using near = await startDaemon();
    const { words, env } = makeUser();
    const [host, jump] = [target, middle].map(({ port }) => `127.0.0.1:${port}`) as [string, string];
    const program = `${process.execPath} -e "const s=require('net').connect(%p,'%h');process.stdin.pipe(s);s.pipe(process.stdout)"`;
    for (const way of [
      ['-J', near.address],
      ['-J', `${near.address},${jump}`],
      ['-o', `ProxyJump=${near.address}`],
      ['-o', `ProxyCommand=${program}`],
    ]) {
      const { status, stdout, stderr } = await runRexa(['ssh', ...words, ...way, host, 'echo there'], {
        env,
      });
      expect([
        way,
        status,
        stdout.toString(),
        stderr.replaceAll(/^rexa: .*(?:added to known_hosts)\n/gm, ''),
      ]).toEqual([way, 0, 'there\n', '']);
    }
  });

  it('leaves stderr of ProxyCommand as it is, which callers read', async () => {
    await using target = await start();
    const { words, env } = makeUser();
    const program = `printf 'IP 1\\377\\n' >&2; exec ${process.execPath} -e "const s=require('net').connect(%p,'%h');process.stdin.pipe(s);s.pipe(process.stdout)"`;
    const script = join(env.HOME, 'proxy');
    writeFileSync(script, `${program.replace('%p', '$2').replace('%h', '$1')}\n`);
    const way = ['-q', '-o', `ProxyCommand=sh ${script} %h %p`, `127.0.0.1:${target.port}`];
    const { status, stderr } = await runRexa(['ssh', ...words, ...way, 'true'], { env });
    expect([status, stderr]).toEqual([0, 'IP 1\ufffd\n']);
  });

  it('takes nothing for a jump host from the files of ssh about the host behind it', async () => {
    await using target = await start();
    await using middle = await start();
    const { env, key } = makeUser();
    mkdirSync(join(env.HOME, '.ssh'), { mode: 0o700 });
    const known = join(env.HOME, 'known');
    const lines = ['Host target', '  HostName 127.0.0.1', `  Port ${target.port}`];
    lines.push('  StrictHostKeyChecking no', `  UserKnownHostsFile ${known}`);
    const file = join(env.HOME, '.ssh/config');
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    const jump = `127.0.0.1:${middle.port}`;
    const words = ['-F', file, '-i', key, '-o', 'BatchMode=yes', '-J', jump, 'target', 'echo there'];
    const refused = await runRexa(['ssh', ...words], { env });
    expect([refused.status, refused.stderr]).toEqual([
      255,
      expect.stringContaining(`host key not trusted: the host ${jump} is unknown`),
    ]);
    const accepted = await runRexa(['ssh', '--accept-new', ...words], { env });
    expect([accepted.status, accepted.stdout.toString()]).toEqual([0, 'there\n']);
    expect(readFileSync(known, 'utf8')).not.toContain(jump);
  });

  it('resolves each jump host by the files of ssh, and its own jump hosts before it', async () => {
    await using target = await start();
    await using middle = await start();
    await using near = await start();
    const { env, key, words } = makeUser();
    const file = join(env.HOME, 'ssh_config');
    const place = ({ port }: TlsDaemon) => `  HostName 127.0.0.1\n  Port ${port}\n  IdentityFile ${key}\n`;
    writeFileSync(
      file,
      `Host near\n${place(near)}Host middle\n${place(middle)}  ProxyJump near\nHost target other\n${place(target)}Host target\n  ProxyJump middle\nHost loop\n  ProxyJump loop2\nHost loop2\n  ProxyJump loop\n`,
    );
    const call = (...more: readonly string[]) =>
      runRexa(['ssh', '-F', file, ...words.slice(2), ...more, 'echo there'], { env });
    for (const way of [['target'], ['-J', 'middle', 'other'], ['-J', 'near,middle', 'other']]) {
      const { status, stdout } = await call(...way);
      expect([way, status, stdout.toString()]).toEqual([way, 0, 'there\n']);
    }
    const count = (log: string, { port }: TlsDaemon) => log.split(`"to":"127.0.0.1:${port}"`).length - 1;
    expect(count(near.log(), middle)).toBeGreaterThanOrEqual(3);
    expect(count(middle.log(), target)).toBeGreaterThanOrEqual(3);
    const socket = join(env.HOME, 's');
    const shared = ['-o', 'ControlMaster=auto', '-o', `ControlPath=${socket}`, '-o', 'ControlPersist=30'];
    expect((await call(...shared, 'target')).stdout.toString()).toBe('there\n');
    expect((await call(...shared, '-O', 'exit', 'target')).status).toBe(0);
    const looped = await call('loop');
    expect([looped.status, looped.stderr]).toEqual([255, expect.stringContaining('jumphost loop via loop')]);
    const explained = await call('--explain', 'target');
    expect(explained.stdout.toString()).toMatch(/jump host +near\n +jump host +middle\n +host +tls:/);
  });

  it('knows jump hosts from its configuration', async () => {
    await using target = await start();
    await using near = await startDaemon();
    const config = `hosts:
  gate: { address: "${near.address}" }
  inner: { address: "tls://127.0.0.1:${target.port}", pin: "${target.fingerprint}", jump: gate }
`;
    const { file, key, env } = makeUser(config);
    const { status, stdout, stderr } = await runRexa(
      ['run', '-F', file, '-i', key, 'inner', '--', 'echo', 'there'],
      { env },
    );
    expect([status, stdout.toString(), stderr]).toEqual([0, 'there\n', '']);
    expect(near.log()).toContain('direct-ended');
  });

  it('knows jump hosts and programs of ssh_config, if it reads that', async () => {
    await using target = await start();
    await using near = await startDaemon();
    const { file, key, env } = makeUser('ssh-config: true\nssh-config-port: true\n');
    mkdirSync(join(env.HOME, '.ssh'), { mode: 0o700 });
    const program = `${process.execPath} -e "const s=require('net').connect(%p,'127.0.0.1');process.stdin.pipe(s);s.pipe(process.stdout)"`;
    const place = ['  HostName 127.0.0.1', `  Port ${target.port}`];
    const lines = [
      'Host jumped',
      ...place,
      `  ProxyJump ${near.address}`,
      'Host programmed',
      ...place,
      `  ProxyCommand ${program}`,
    ];
    // The words and the configuration may say another place than the files
    const user = userInfo().username;
    const checked = `${process.execPath} -e "if('%r'!=='${user}')process.exit(9);const s=require('net').connect(%p,'%h');process.stdin.pipe(s);s.pipe(process.stdout)"`;
    const moved = [
      'Host moved',
      '  HostName 127.0.0.2',
      '  Port 1',
      '  User ann',
      `  ProxyCommand ${checked}`,
    ];
    writeFileSync(join(env.HOME, '.ssh/config'), `${[...lines, ...moved].join('\n')}\n`, { mode: 0o600 });
    writeFileSync(
      file,
      `ssh-config: true
hosts: { moved: { address: "127.0.0.1:${target.port}", user: ${user} } }
ssh-config-port: true
`,
      { mode: 0o600 },
    );
    for (const name of ['jumped', 'programmed', 'moved']) {
      const login = ['-F', file, '-i', key, '--accept-new'];
      const { status, stdout } = await runRexa(['run', ...login, name, '--', 'echo', name], { env });
      expect([name, status, stdout.toString()]).toEqual([name, 0, `${name}\n`]);
    }
    expect(near.log()).toContain('direct-ended');
  });
});

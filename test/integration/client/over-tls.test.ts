import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtureText, makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { type RexaExit, type RexaOptions, runRexa } from '../../fixtures/run-rexa.ts';
import { startTlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';

/** A user with keys and a home folder of his own, and a daemon that lets one of them in. */
async function createPair(keys: readonly string[] = ['ed25519'], lines = [publicLine('ed25519')]) {
  const daemon = await startTlsDaemon({ lines });
  const home = makeTestFolder();
  fs.mkdirSync(path.join(home, '.ssh'), { mode: 0o700 });
  const files = keys.map((name) => {
    const file = path.join(home, '.ssh', name);
    fs.writeFileSync(file, fixtureText(`keys/${name}`), { mode: 0o600 });
    return file;
  });
  const env = { HOME: home, XDG_CONFIG_HOME: '', XDG_RUNTIME_DIR: '', SSH_AUTH_SOCK: '', REXA_CONFIG: '' };
  const host = `127.0.0.1:${daemon.port}`;
  const rexa = (words: readonly string[], options: RexaOptions = {}): Promise<RexaExit> =>
    runRexa(words, { ...options, env: { ...env, ...options.env } });
  await rexa(['keys', 'add', host, daemon.fingerprint]);
  const login = files.flatMap((file) => ['-i', file]);
  return {
    daemon,
    home,
    host,
    files,
    login,
    rexa,
    writeConfig(text: string) {
      fs.writeFileSync(path.join(home, '.config/rexa/config.yaml'), text, { mode: 0o600 });
    },
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
    },
  };
}

function readOutcome({ stdout }: RexaExit): { outcome: string; host: string; reason: string | null } {
  return JSON.parse(stdout.toString()) as { outcome: string; host: string; reason: string | null };
}

describe('rexa over TLS', () => {
  it('runs commands with stdin, and says their true outcome', async () => {
    await using pair = await createPair();
    const { login, host, rexa } = pair;
    const piped = await rexa(['run', ...login, host, '--', 'sh', '-c', 'cat; echo err >&2; exit 7'], {
      input: '你好\n',
    });
    expect([piped.status, piped.stdout.toString(), piped.stderr]).toEqual([7, '你好\n', 'err\n']);
    const killed = await rexa(['run', '--json', ...login, `tls://${host}`, '-c', 'kill -9 $$']);
    expect([killed.status, readOutcome(killed)]).toMatchObject([
      137,
      { outcome: 'signaled', host: `tls://${host}` },
    ]);
    const joined = await rexa(['ssh', ...login, host, 'echo', 'a  b;', 'echo', 'c'], {});
    expect([joined.status, joined.stdout.toString()]).toEqual([0, 'a b\nc\n']);
    const short = await rexa([...login, host, 'exit 3']);
    expect(short.status).toBe(3);
    const ping = await rexa(['ping', '-c', '2', '--json', ...login, host]);
    expect(JSON.parse(ping.stdout.toString())).toMatchObject({ v: 1, host, protocol: 1 });
    const shell = await rexa(['shell', '--line', ...login, host], { input: 'cd /\npwd\n' });
    expect([shell.status, shell.stdout.toString()]).toEqual([0, '/\n']);
  });

  it('names both reasons when a login as another user is refused', async () => {
    await using pair = await createPair();
    const { status, stderr } = await pair.rexa(['run', ...pair.login, `root2@${pair.host}`, '--', 'true']);
    expect([status, stderr]).toEqual([
      125,
      expect.stringMatching(/does not serve the user root2, or none of these keys may log in/),
    ]);
  });

  it.each([
    ['a file that is no key', 'ed25519', 'FILE', 'root:x:0:0:root:/root:/bin/sh\n', 'neither a private key'],
    ['a variable with garbage', 'ed25519', 'env:CI_KEY', 'garbage', 'neither a private key'],
    ['a public key that is damaged', 'ed25519', 'FILE', 'ssh-ed25519 AAAA', 'is not valid'],
    ['a locked key', 'ed25519', 'FILE', fixtureText('keys/ed25519.locked'), 'is locked'],
  ])('says what is wrong with %s', async (_what, name, word, text, message) => {
    await using pair = await createPair([name]);
    const file = path.join(pair.home, 'key');
    fs.writeFileSync(file, text, { mode: 0o600 });
    const identity = word === 'FILE' ? file : word;
    const words = ['run', '-i', identity, pair.host, '--', 'true'];
    const { status, stderr } = await pair.rexa(words, {
      env: { CI_KEY: text, SSH_ASKPASS_REQUIRE: 'never' },
    });
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
    expect(stderr).toContain('no key to log in');
  });

  it('takes keys from stdin and from variables, which is what a CI system has', async () => {
    await using pair = await createPair([]);
    const { host, rexa } = pair;
    const key = fixtureText('keys/ed25519');
    const piped = await rexa(['run', '-i', '-', host, '--', 'cat'], { input: key });
    // The key is not the command's stdin
    expect([piped.status, piped.stdout.toString(), piped.stderr]).toEqual([0, '', '']);
    const env = { CI_KEY: key };
    expect(
      (await rexa(['run', '-i', 'env:CI_KEY', host, '--', 'cat'], { env, input: 'x' })).stdout.toString(),
    ).toBe('x');
    pair.writeConfig('defaults: {identities: ["env:CI_KEY"]}\n');
    expect((await rexa([host, 'echo in'], { env: { CI_KEY: key.trim() } })).stdout.toString()).toBe('in\n');
    pair.writeConfig('');
    const failures: [readonly string[], RexaOptions, string][] = [
      [['run', '-i', '-', host, 'true'], {}, 'expected a key on stdin, which is empty'],
      [['run', '-i', '-', host, 'true'], { input: 'x'.repeat(70_000) }, 'more than the 65536 bytes of a key'],
      [['run', '-i', '-', host, 'true'], { input: 'no key' }, 'the key on stdin'],
      [['run', '-i', 'env:NONE', host, 'true'], {}, 'the variable NONE is not set'],
      [['shell', '-i', '-', host], {}, 'a shell and -i - cannot both read stdin'],
      [['run', '-t', '-i', '-', host, 'true'], {}, '-t and -i - cannot both read stdin'],
    ];
    for (const [words, options, message] of failures) {
      const { status, stderr } = await rexa(words, options);
      expect([status, stderr], words.join(' ')).toEqual([125, expect.stringContaining(message)]);
    }
  });

  it('carries bulk both ways, byte for byte', async () => {
    await using pair = await createPair();
    const bytes = Buffer.from(
      Uint32Array.from({ length: 1 << 20 }, (_, index) => Math.imul(index, 2654435761)).buffer,
    );
    const { stdout, status } = await pair.rexa([...pair.login, pair.host, 'cat'], { input: bytes });
    expect(status).toBe(0);
    expect(stdout.equals(bytes)).toBe(true);
  });

  it('reads host, key, encoding and variables from the configuration, and the command line before it', async () => {
    await using pair = await createPair();
    const { rexa, files, daemon } = pair;
    pair.writeConfig(`
defaults: {env: {WHO: defaults, ALL: "yes"}}
groups: {g: {hosts: [b1], env: {WHO: group}}}
hosts:
  build1: {address: "tls://127.0.0.1:${daemon.port}", aliases: [b1], identities: ["${files[0] ?? ''}"], encoding: gbk}
`);
    const printed = await rexa([
      'run',
      '--json',
      'b1',
      '--',
      'sh',
      '-c',
      'echo $WHO $ALL; printf "\\304\\343"',
    ]);
    expect(JSON.parse(printed.stdout.toString())).toMatchObject({
      host: 'b1',
      stdout: 'group yes\n你',
      encoding: { stdout: { name: 'gbk', source: 'option' } },
    });
    const given = await rexa([
      'run',
      'build1',
      '--env',
      'WHO=me',
      '--encoding',
      'utf8',
      '--',
      'sh',
      '-c',
      'echo $WHO é',
    ]);
    expect(given.stdout.toString()).toBe('me é\n');
    const dropIn = await rexa(['b1', 'echo $WHO; printf "\\304\\343"']);
    expect(dropIn.stdout).toEqual(Buffer.concat([Buffer.from('group\n'), Buffer.from([0xc4, 0xe3])]));
    const offered = await rexa(['completion', 'candidates', '--', 'run', 'b']);
    expect(offered.stdout.toString()).toBe('build1\t\nb1\t\n');
    const without = await rexa(['run', '--config', 'none', '--connect-timeout', '1s', 'b1', 'true']);
    expect([without.status, without.stderr]).toEqual([
      125,
      expect.stringContaining('unreachable: cannot reach'),
    ]);
  });

  it.each([
    ['hosts: {a: {addres: b}}\n', ':1:13: unknown setting addres; did you mean address?'],
    ['hosts: [\n', 'config.yaml:'],
  ])('starts nothing with a configuration like %j', async (text, message) => {
    await using pair = await createPair();
    pair.writeConfig(text);
    const ended = await pair.rexa(['run', '--json', ...pair.login, pair.host, 'true']);
    expect([ended.status, readOutcome(ended)]).toMatchObject([
      125,
      { outcome: 'not-started', reason: expect.stringContaining(message) as string },
    ]);
    fs.chmodSync(path.join(pair.home, '.config/rexa/config.yaml'), 0o666);
    const unsafe = await pair.rexa(['run', pair.host, 'true']);
    expect([unsafe.status, unsafe.stderr]).toEqual([125, expect.stringContaining('chmod go-w')]);
  });

  it('says a refused key as denied, with the reference that the log explains, and runs nothing', async () => {
    await using pair = await createPair(['rsa'], [publicLine('ed25519')]);
    const { rexa, login, host, daemon } = pair;
    const ended = await rexa(['run', '--json', ...login, host, 'true']);
    const { outcome, reason } = readOutcome(ended);
    expect([ended.status, outcome]).toEqual([125, 'denied']);
    await daemon.untilLogged(/reference (\w+)/.exec(reason ?? '')?.[1] ?? 'no reference');
    expect((await rexa([...login, host, 'true'])).status).toBe(255);
    expect((await rexa(['run', ...login, `nobody-of-that-name@${host}`, 'true'])).stderr).toContain(
      'denied: ',
    );
  });

  it('asks again with another key when the remembered one is refused, and gives stdin to that run alone', async () => {
    await using pair = await createPair(['rsa', 'ed25519'], [publicLine('rsa')]);
    const { rexa, login, host, daemon } = pair;
    expect((await rexa(['run', ...login, host, 'cat'], { input: 'one' })).stdout.toString()).toBe('one');
    daemon.authorize(publicLine('ed25519'));
    const again = await rexa(['run', '-v', ...login, host, 'cat'], { input: 'two' });
    expect([again.status, again.stdout.toString()]).toEqual([0, 'two']);
    expect(again.stderr).toMatch(/logged in with ssh-ed25519 SHA256:/);
  });

  it('stops at a changed key, whatever is said, and goes on after rexa keys remove', async () => {
    await using pair = await createPair();
    const { rexa, login, host } = pair;
    await rexa(['keys', 'remove', host]);
    await rexa(['keys', 'add', host, ...publicLine('rsa').split(' ')]);
    const changed = await rexa(['run', '--json', '--accept-new', ...login, host, 'true']);
    expect([changed.status, readOutcome(changed)]).toMatchObject([
      125,
      { outcome: 'unreachable', reason: expect.stringContaining(`rexa keys remove ${host}`) as string },
    ]);
    await rexa(['keys', 'remove', host]);
    const learned = await rexa(['run', '--accept-new', ...login, host, 'true']);
    expect([learned.status, learned.stderr]).toEqual([0, expect.stringContaining('added to known_hosts')]);
    expect((await rexa(['run', ...login, host, 'true'])).stderr).toBe('');
  });

  it('tells with -v which keys there were and how long each step took', async () => {
    await using pair = await createPair();
    const { stderr } = await pair.rexa(['run', '-v', ...pair.login, pair.host, 'true']);
    for (const said of [
      /connected to 127\.0\.0\.1 \(\d+\.\d ms\)/,
      /TLSv1\.3, TLS_\w+ \(\d+\.\d ms\)/,
      /the host's key is ssh-ed25519 SHA256:\S+: trusted by known_hosts/,
      /logged in with ssh-ed25519 SHA256:\S+ \(.*\/\.ssh\/ed25519\)/,
    ])
      expect(stderr).toMatch(said);
  });
});

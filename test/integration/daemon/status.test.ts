import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fixtureText, makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { LAUNCHER_ENVIRONMENT, REXAD_LAUNCHER } from '../../fixtures/daemon.ts';
import { ALLOW_ROOT, startTlsDaemon } from '../../fixtures/tls-daemon.ts';

/** A call of rexad that ends by itself. */
function callRexad(words: readonly string[], home: string) {
  const env = { ...process.env, ...LAUNCHER_ENVIRONMENT, HOME: home, XDG_RUNTIME_DIR: '' };
  return spawnSync(REXAD_LAUNCHER, words, { encoding: 'utf8', timeout: 60_000, env });
}

/** RSA, above what fits into an answer. */
function largeKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 5000 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

describe('rexad status', () => {
  it('says what the daemon is and does, and by its exit status whether there is one', async () => {
    const home = makeTestFolder();
    const daemon = await startTlsDaemon();
    const ask = (...words: string[]) => callRexad(['--listen', daemon.address, 'status', ...words], home);
    const text = ask();
    expect([text.status, text.stdout]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(
          `^rexad/\\S+ +serving, pid ${daemon.pid}, since .*Z \\(.*\\)\nlistens at +unix:\\S+\n +tls://\\S+ +SHA256:\\S+\n`,
        ),
      ),
    ]);
    expect(JSON.parse(ask('--json').stdout)).toMatchObject({
      v: 1,
      pid: daemon.pid,
      state: 'serving',
      listen: daemon.listening,
      connections: 0,
      runs: 0,
      audit: null,
    });
    await daemon[Symbol.asyncDispose]();
    const gone = ask();
    expect([gone.status, gone.stdout, gone.stderr]).toEqual([3, '', expect.stringContaining(daemon.address)]);
  });

  it('says how a daemon can be asked that listens on no socket', () => {
    const { status, stderr } = callRexad(['--listen', 'tls://127.0.0.1:1', 'status'], makeTestFolder());
    expect([status, stderr]).toEqual([1, expect.stringContaining('--listen local')]);
  });

  it('refuses other words', () => {
    const { status, stderr } = callRexad(['statsu'], makeTestFolder());
    expect([status, stderr]).toEqual([2, expect.stringContaining('did you mean status?')]);
  });
});

const KEY = fixtureText('keys/ed25519.pub').trim();
const TLS = 'tls://127.0.0.1:0';

describe('rexad check-config', () => {
  const check = (home: string, ...words: string[]) =>
    callRexad([...ALLOW_ROOT, ...words, 'check-config'], home);

  it('says what a daemon would do, and makes nothing', () => {
    const home = makeTestFolder();
    const file = path.join(home, 'rexad.yaml');
    writeFileSync(file, 'listen: [local, "tls://127.0.0.1:7522"]\naudit: audit.jsonl\n');
    const { status, stdout, stderr } = check(home, '--config', file);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^configuration .*rexad.yaml\nlisten +local\nlisten +tls:.*\naudit .*audit.jsonl\nhost key +none yet.*\nmay log in +0 keys.*\nok\n$/,
      ),
    ]);
    expect(stderr).toContain('rexa keys authorize');
    for (const name of ['audit.jsonl', '.config', '.local'])
      expect(existsSync(path.join(home, name)), name).toBe(false);
  });

  it.each([
    [
      'an address of another machine',
      'udp://192.0.2.1:7522',
      () => fixtureText('keys/ed25519'),
      'EADDRNOTAVAIL',
    ],
    ['a host key too large to answer probes', 'udp://127.0.0.1:0', largeKey, 'use an Ed25519 key'],
  ])('refuses %s, as a start does', (_what, url, key, message) => {
    const home = makeTestFolder();
    const hostKey = path.join(home, 'host_key');
    writeFileSync(hostKey, key(), { mode: 0o600 });
    const words = ['--listen', url, '--host-key', hostKey];
    const checked = check(home, ...words);
    expect([checked.status, checked.stderr]).toEqual([1, expect.stringContaining(message)]);
    const started = callRexad([...ALLOW_ROOT, ...words], home);
    expect([started.status, started.stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  it('warns of a port of probes that is in use', async () => {
    const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    onTestFinished(() => void socket.close());
    await once(socket, 'listening');
    const url = `udp://127.0.0.1:${socket.address().port}`;
    const { status, stderr } = check(makeTestFolder(), '--listen', url);
    expect([status, stderr]).toEqual([0, expect.stringContaining(`of ${url} is in use`)]);
  });

  it('counts the keys, and names lines that are none', () => {
    const home = makeTestFolder();
    const keys = path.join(home, 'keys');
    writeFileSync(keys, `nonsense\n${fixtureText('keys/ed25519.pub')}`, { mode: 0o600 });
    const { status, stdout, stderr } = check(
      home,
      '--listen',
      'tls://127.0.0.1:0',
      '--authorized-keys',
      keys,
    );
    expect([status, stdout, stderr]).toEqual([
      0,
      expect.stringContaining('1 key, by'),
      expect.stringContaining(`${keys}:1 is not used`),
    ]);
  });

  it.each([
    ['a line that has expired', `expiry-time="20200101" ${KEY}`, 'its expiry-time has passed', '0 keys'],
    ['a line for a host name', `from="build1" ${KEY}`, 'host names are not resolved', '0 keys'],
    ['a key that is there twice', `${KEY}\nno-pty ${KEY}`, '', '1 key,'],
  ])('counts the keys that may log in, and not %s', (_what, lines, warning, count) => {
    const home = makeTestFolder();
    const keys = path.join(home, 'keys');
    writeFileSync(keys, `${lines}\n`, { mode: 0o600 });
    const { status, stdout, stderr } = check(home, '--listen', TLS, '--authorized-keys', keys);
    expect([status, stdout, stderr]).toEqual([
      0,
      expect.stringContaining(`may log in     ${count}`),
      expect.stringContaining(warning),
    ]);
  });

  it('warns of what a daemon starts with all the same', async () => {
    const home = makeTestFolder();
    const [good, open] = [path.join(home, 'good'), path.join(home, 'open')];
    for (const file of [good, open]) writeFileSync(file, `${KEY}\n`);
    chmodSync(good, 0o600);
    chmodSync(open, 0o666);
    await using daemon = await startTlsDaemon();
    const words = ['--authorized-keys', open, '--authorized-keys', good];
    const { status, stdout, stderr } = check(home, '--listen', `tls://127.0.0.1:${daemon.port}`, ...words);
    expect([status, stdout.endsWith('ok\n')]).toEqual([0, true]);
    for (const warning of ['chmod go-w', `port ${daemon.port} of `]) expect(stderr).toContain(warning);
    // The same lists, at another port
    await using other = await startTlsDaemon({ words, own: ['authorized-keys'] });
    expect(other.log()).toContain('chmod go-w');
  });

  it('refuses a folder as the audit file, as a start does', () => {
    const home = makeTestFolder();
    const { status, stderr } = check(home, '--audit', home);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`cannot write the audit file ${home}: EISDIR`),
    ]);
  });

  it('looks at the files of logins also where no address needs them', () => {
    const home = makeTestFolder();
    writeFileSync(path.join(home, 'key'), 'garbage', { mode: 0o600 });
    const words = ['--host-key', path.join(home, 'key'), '--revoked-keys', '/nonexistent'];
    const { status, stderr } = check(home, ...words);
    expect(status).toBe(0);
    for (const warning of [
      'host-key has no effect',
      'neither an OpenSSH',
      'revoked-keys has no effect',
      'no such file',
    ])
      expect(stderr).toContain(warning);
  });

  it.each([
    [['--listen', 'tls://192.0.2.1:0'], '192.0.2.1'],
    [['--listen', 'unix:HOME/shared/rexad.sock'], 'chmod 700'],
    [['--listen', 'tls://127.0.0.1:1#SHA256:x'], 'pin'],
    [['--listen', 'ready://127.0.0.1:1?colour=red'], 'there is no option colour'],
    [['--encoding', 'no-such'], 'unknown encoding no-such'],
    [['--audit', '/nonexistent/audit.jsonl'], '/nonexistent/audit.jsonl'],
    [['--listen', `unix:/${'x'.repeat(200)}`], 'the system allows'],
    [['--listen', 'tls://127.0.0.1:1', '--revoked-keys', '/nonexistent'], 'there is no such file'],
    [['--listen', 'tls://127.0.0.1:1', '--host-key', 'HOME/open'], 'chmod 600'],
    [['--listen', 'tls://127.0.0.1:1', '--authorized-keys', 'HOME/open'], 'chmod go-w'],
  ])('exits with 1 for %j', (words, message) => {
    const home = makeTestFolder();
    mkdirSync(path.join(home, 'empty'));
    mkdirSync(path.join(home, 'shared'));
    chmodSync(path.join(home, 'shared'), 0o777);
    writeFileSync(path.join(home, 'open'), fixtureText('keys/ed25519'), { mode: 0o600 });
    spawnSync('chmod', ['666', path.join(home, 'open')]);
    const { status, stdout, stderr } = check(home, ...words.map((word) => word.replace('HOME', home)));
    expect([status, stdout.endsWith('ok\n'), stderr]).toEqual([1, false, expect.stringContaining(message)]);
  });
});

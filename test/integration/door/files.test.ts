import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtureSecret, fixtureText, makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { REXAD } from '../../fixtures/daemon.ts';
import { ALLOW_ROOT, startTlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine, runOverTls, runRequest } from '../../fixtures/tls-run.ts';

const ed25519 = fixtureSecret('ed25519');
const LINE = publicLine('ed25519');

/** `in`, or the code of the refusal. */
async function knock(port: number): Promise<string> {
  const { outcome } = await runOverTls(port, await ed25519);
  return outcome === 'exited 0' ? 'in' : outcome;
}

const start = (...words: readonly string[]) =>
  spawnSync(process.execPath, [REXAD, '--listen', 'tls://127.0.0.1:0', ...ALLOW_ROOT, ...words], {
    encoding: 'utf8',
    timeout: 20_000,
  });

describe('authorized_keys', () => {
  it('is read again when it changes, both ways', async () => {
    await using daemon = await startTlsDaemon();
    expect(await knock(daemon.port)).toBe('LOGIN_REFUSED');
    daemon.authorize(LINE);
    expect(await knock(daemon.port)).toBe('in');
    daemon.authorize('# nobody');
    expect(await knock(daemon.port)).toBe('LOGIN_REFUSED');
  });

  it.each<[string, string, string]>([
    ['the file', 'authorized_keys', 'chmod go-w'],
    ['the folder of the file', '', 'chmod go-w'],
  ])(
    'is not believed where others may write %s, and the log says what mends it',
    async (_what, name, mending) => {
      await using daemon = await startTlsDaemon({ lines: [LINE] });
      const place = join(daemon.home, name);
      const { mode } = statSync(place);
      chmodSync(place, mode | 0o022);
      expect(await knock(daemon.port)).toBe('LOGIN_REFUSED');
      await daemon.untilLogged(`fix it with: ${mending}`);
      chmodSync(place, mode);
      expect(await knock(daemon.port)).toBe('in');
    },
  );

  it.runIf(process.getuid?.() === 0)('is not believed where it belongs to somebody else', async () => {
    await using daemon = await startTlsDaemon({ lines: [LINE] });
    spawnSync('chown', ['12345', daemon.keysFile]);
    expect(await knock(daemon.port)).toBe('LOGIN_REFUSED');
    await daemon.untilLogged('it belongs to uid 12345, not to uid 0');
  });

  it.each<[string, string]>([
    ['a broken line', 'ssh-ed25519 AAAA!!!'],
    ['a line of 1 MB', `command="${'x'.repeat(1_000_000)}" ${publicLine('rsa')}`],
    ['an option that nobody knows', `frobnicate ${publicLine('rsa')}`],
    ['an open quote', `command="x ${publicLine('rsa')}`],
    ['a type unlike the encoded one', publicLine('rsa').replace('ssh-rsa', 'ssh-ed25519')],
    ['a NUL', `ssh-ed25519 \0 ${LINE}`],
  ])('neither loses the next line by %s nor lets it in', async (_what, line) => {
    await using daemon = await startTlsDaemon({ lines: [line, LINE] });
    expect(await knock(daemon.port)).toBe('in');
    expect((await runOverTls(daemon.port, await fixtureSecret('rsa'))).outcome).toBe('LOGIN_REFUSED');
    await daemon.untilLogged('authorized_keys:1 is not used');
  });

  it.each(['.config/rexa', '.ssh'])('is looked for in ~/%s where none is named', async (folder) => {
    const home = makeTestFolder();
    mkdirSync(join(home, folder), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, folder, 'authorized_keys'), `${LINE}\n`, { mode: 0o600 });
    await using daemon = await startTlsDaemon({ env: { HOME: home }, own: ['authorized-keys', 'host-key'] });
    expect(await knock(daemon.port)).toBe('in');
    const key = join(home, '.config/rexa/host/host_key');
    expect([statSync(key).mode & 0o777, statSync(join(key, '..')).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it('lets nobody in while the list of revoked keys is gone or damaged', async () => {
    let revoked = '';
    await using daemon = await startTlsDaemon({
      lines: [LINE],
      prepare(home) {
        revoked = join(home, 'revoked');
        writeFileSync(revoked, '', { mode: 0o600 });
        return ['--revoked-keys', revoked];
      },
    });
    expect(await knock(daemon.port)).toBe('in');
    writeFileSync(revoked, 'SSHKRL\n\0damaged');
    expect(await knock(daemon.port)).toBe('LOGIN_REFUSED');
    writeFileSync(revoked, `${LINE}\n`);
    expect(await knock(daemon.port)).toBe('LOGIN_REFUSED');
    await daemon.untilLogged(
      `cannot read the revoked keys ${revoked} completely, so all logins are refused: `,
    );
    writeFileSync(revoked, `${publicLine('rsa')}\n`);
    expect(await knock(daemon.port)).toBe('in');
  });
});

describe('from=', () => {
  it.each([
    ['127.0.0.1', 'in'],
    ['127.0.0.0/8', 'in'],
    ['::ffff:127.0.0.1', 'in'],
    ['127.*', 'in'],
    ['10.0.0.0/8', 'LOGIN_REFUSED'],
    ['::1', 'LOGIN_REFUSED'],
    ['*,!127.0.0.1', 'LOGIN_REFUSED'],
    ['localhost', 'LOGIN_REFUSED'],
  ])('"%s" sees IPv4 that arrives inside IPv6 as IPv4: %s', async (from, ending) => {
    await using daemon = await startTlsDaemon({ host: '[::]', lines: [`from="${from}" ${LINE}`] });
    expect(await knock(daemon.port)).toBe(ending);
  });

  it('and commands and the audit see it so, too', async () => {
    await using daemon = await startTlsDaemon({ host: '[::]', lines: [LINE] });
    const request = runRequest({ line: 'echo "$SSH_CONNECTION"' });
    expect((await runOverTls(daemon.port, await ed25519, request)).stdout).toMatch(
      /^127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+\n$/,
    );
    await daemon.untilLogged('"source":"127.0.0.1:');
  });
});

describe('the host key', () => {
  it('is the same at the next start', async () => {
    const file = join(makeTestFolder(), 'host_key');
    const fingerprints: string[] = [];
    for (let time = 0; time < 2; time++) {
      await using daemon = await startTlsDaemon({ words: ['--host-key', file], own: ['host-key'] });
      fingerprints.push(daemon.fingerprint);
    }
    expect([fingerprints[0], existsSync(file)]).toEqual([fingerprints[1], true]);
  });

  it.each<[string, (file: string) => void, string]>([
    ['that others may read', (file) => chmodSync(file, 0o644), 'fix it with: chmod 600'],
    ['that is damaged', (file) => writeFileSync(file, 'no key'), 'neither an OpenSSH nor a PEM private key'],
    [
      'under a passphrase',
      (file) => writeFileSync(file, fixtureText('keys/ed25519.locked')),
      'is protected by a passphrase',
    ],
    ['of a kind that cannot be used', (file) => writeFileSync(file, fixtureText('keys/rsa1024')), 'too weak'],
  ])('%s is refused at the start', (_what, damage, message) => {
    const file = join(makeTestFolder(), 'host_key');
    writeFileSync(file, fixtureText('keys/ed25519'), { mode: 0o600 });
    damage(file);
    const { status, stderr } = start('--host-key', file);
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  it('is refused in a folder that others may write', () => {
    const folder = makeTestFolder();
    chmodSync(folder, 0o777);
    const { status, stderr } = start('--host-key', join(folder, 'host_key'));
    expect([status, stderr]).toEqual([1, expect.stringContaining('fix it with: chmod go-w')]);
  });

  it.each(['ecdsa384', 'rsa'])('may be one of type %s', async (name) => {
    const file = join(makeTestFolder(), 'host_key');
    writeFileSync(file, fixtureText(`keys/${name}`), { mode: 0o600 });
    await using daemon = await startTlsDaemon({
      lines: [LINE],
      words: ['--host-key', file],
      own: ['host-key'],
    });
    expect(await knock(daemon.port)).toBe('in');
  });
});

describe('a configuration', () => {
  it('that others may write is refused at the start, with the command that mends it', () => {
    const file = join(makeTestFolder(), 'rexad.yaml');
    writeFileSync(file, 'listen: "tls://127.0.0.1:0"\n');
    chmodSync(file, 0o666);
    const { status, stderr } = start('--config', file);
    expect([status, stderr]).toEqual([2, expect.stringContaining(`fix it with: chmod go-w ${file}`)]);
  });

  it('that has a slip is refused with its place', () => {
    const file = join(makeTestFolder(), 'rexad.yaml');
    writeFileSync(file, 'json: true\naudt: /x\n', { mode: 0o600 });
    const { status, stderr } = start('--config', file);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining(`${file}:2:1: unknown setting audt; did you mean audit?`),
    ]);
  });
});

describe('an address to listen at', () => {
  it.each([
    ['tls://127.0.0.1:0#SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'a pin is for clients'],
    ['tls://192.0.2.1:0', 'cannot listen on tls://192.0.2.1:0'],
  ])('%s is refused', (url, message) => {
    const words = [REXAD, '--listen', url, ...ALLOW_ROOT, '--host-key', join(makeTestFolder(), 'host_key')];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 20_000 });
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  it.runIf(process.getuid?.() === 0)('over TLS is not for root unless it is asked for', () => {
    const words = [REXAD, '--listen', 'tls://127.0.0.1:0'];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 20_000 });
    expect([status, stderr]).toEqual([1, expect.stringContaining('--allow-root')]);
  });
});

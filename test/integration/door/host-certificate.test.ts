import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConnectOptions, connect } from '../../../src/client/index.ts';
import { codeOfAsync, fixtureText } from '../../fixtures/auth/fixtures.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { makeSshKeys, type SshKeys } from '../../fixtures/ssh-keys.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';

const UNKNOWN = 'AUTH_HOST_UNKNOWN';
const REVOKED = 'AUTH_HOST_REVOKED';

/** Keys `host`, `authority` and `other`, and what stands in known_hosts. */
function makeAuthority(): SshKeys & { readonly known: string; know(...lines: readonly string[]): void } {
  const folder = mkdtempSync(join(tmpdir(), 'rexa-authority-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const keys = makeSshKeys(folder);
  for (const name of ['host', 'authority', 'other']) keys.make(name);
  const known = join(folder, 'known_hosts');
  return {
    ...keys,
    known,
    know: (...lines) => writeFileSync(known, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 }),
  };
}

function startCertified(keys: SshKeys, certified = 'host'): Promise<TlsDaemon> {
  return startTlsDaemon({
    lines: [publicLine('ed25519')],
    own: ['host-key'],
    words: [
      '--host-key',
      join(keys.folder, 'host'),
      '--host-certificate',
      join(keys.folder, `${certified}-cert.pub`),
    ],
  });
}

async function codeOfConnect(
  daemon: TlsDaemon,
  knownHosts: string,
  options: ConnectOptions = {},
): Promise<string | null> {
  return codeOfAsync(async () => {
    const host = await connect(`tls://127.0.0.1:${daemon.port}`, {
      config: false,
      agent: null,
      identities: [{ text: fixtureText('keys/ed25519'), name: 'ed25519' }],
      knownHosts,
      reconnectFor: 0,
      ...options,
    });
    await host.close();
  });
}

describe('the certificate of a host', () => {
  it.each<[what: string, words: readonly string[], code: string | null, warning: RegExp | null]>([
    ['is for the name', ['-h', '-n', 'other,127.0.0.1'], null, null],
    ['is for a pattern', ['-h', '-n', '127.*'], null, null],
    ['is valid now', ['-h', '-n', '127.*', '-V', '-1w:+2w'], null, null],
    ['names no host', ['-h'], UNKNOWN, /it names no host/],
    ['is for another name', ['-h', '-n', 'other'], UNKNOWN, /it is for other, not for 127\.0\.0\.1/],
    ['has expired', ['-h', '-n', '127.*', '-V', '19800101:19900101'], UNKNOWN, /it has expired/],
    ['is not valid yet', ['-h', '-n', '127.*', '-V', '20900101:20910101'], UNKNOWN, /it is not valid yet/],
    ['has a critical option', ['-h', '-n', '127.*', '-O', 'critical:x=y'], UNKNOWN, /it demands x/],
  ])('that %s', async (_, words, code, warning) => {
    const keys = makeAuthority();
    keys.certify('authority', 'host', words);
    await using daemon = await startCertified(keys);
    keys.know(`@cert-authority * ${keys.line('authority')}`);
    const said: string[] = [];
    expect(await codeOfConnect(daemon, keys.known, { warn: (line) => void said.push(line) })).toBe(code);
    expect(said).toEqual(warning === null ? [] : [expect.stringMatching(warning)]);
  });

  it.each<[string, (keys: SshKeys, port: number) => readonly string[], string | null]>([
    ['names the port', (k, port) => [`@cert-authority [127.0.0.1]:${port} ${k.line('authority')}`], null],
    ['is for other hosts', (k) => [`@cert-authority *.example.com ${k.line('authority')}`], UNKNOWN],
    ['has another authority', (k) => [`@cert-authority * ${k.line('other')}`], UNKNOWN],
    ['has the authority as a key', (k) => [`* ${k.line('authority')}`], 'AUTH_HOST_CHANGED'],
    ['has the key itself', (k) => [`* ${k.line('host')}`], null],
    [
      'has another key of the host',
      (k) => [`* ${k.line('other')}`, `@cert-authority * ${k.line('authority')}`],
      null,
    ],
    [
      'revokes the authority',
      (k) => [`@cert-authority * ${k.line('authority')}`, `@revoked * ${k.line('authority')}`],
      REVOKED,
    ],
    [
      'revokes the key',
      (k) => [`@cert-authority * ${k.line('authority')}`, `@revoked * ${k.line('host')}`],
      REVOKED,
    ],
  ])('where known_hosts %s', async (_, lines, code) => {
    const keys = makeAuthority();
    keys.certify('authority', 'host', ['-h', '-n', '127.0.0.1']);
    await using daemon = await startCertified(keys);
    keys.know(...lines(keys, daemon.port));
    expect(await codeOfConnect(daemon, keys.known, { warn: () => undefined })).toBe(code);
  });

  it.each<[what: string, options: ConnectOptions, code: string | null]>([
    ['has its algorithm', { hostKeyAlgorithms: ['ssh-ed25519-cert-v01@openssh.com'] }, null],
    ['has that of the key alone', { hostKeyAlgorithms: ['ssh-ed25519'] }, UNKNOWN],
    ['has neither', { hostKeyAlgorithms: ['rsa-sha2-512'] }, 'AUTH_HOST_KEY_TYPE'],
    ['has that of the authority', { caSignatureAlgorithms: ['ssh-ed25519'] }, null],
    ['has another one for authorities', { caSignatureAlgorithms: ['rsa-sha2-512'] }, UNKNOWN],
  ])('where a list %s', async (_, options, code) => {
    const keys = makeAuthority();
    keys.certify('authority', 'host', ['-h', '-n', '127.0.0.1']);
    await using daemon = await startCertified(keys);
    keys.know(`@cert-authority * ${keys.line('authority')}`);
    expect(await codeOfConnect(daemon, keys.known, { warn: () => undefined, ...options })).toBe(code);
  });

  it.each<[what: string, (keys: SshKeys, file: string) => void, code: string | null]>([
    ['the serial number', (k, file) => revoke(k, file, 'serial: 7'), REVOKED],
    ['another serial number', (k, file) => revoke(k, file, 'serial: 8'), null],
    ['the authority', (k, file) => writeFileSync(file, `${k.line('authority')}\n`), REVOKED],
    ['the key', (k, file) => writeFileSync(file, `${k.line('host')}\n`), REVOKED],
  ])('whose %s is in a file of revoked keys', async (_, makeFile, code) => {
    const keys = makeAuthority();
    keys.certify('authority', 'host', ['-h', '-n', '127.0.0.1', '-z', '7']);
    await using daemon = await startCertified(keys);
    keys.know(`@cert-authority * ${keys.line('authority')}`);
    const file = join(keys.folder, 'revoked');
    makeFile(keys, file);
    expect(await codeOfConnect(daemon, keys.known, { revokedHostKeys: [file] })).toBe(code);
  });

  it('is compared with HostKeyAlias in place of the name', async () => {
    const keys = makeAuthority();
    keys.certify('authority', 'host', ['-h', '-n', 'build1']);
    await using daemon = await startCertified(keys);
    keys.know(`@cert-authority build1,other ${keys.line('authority')}`);
    expect(await codeOfConnect(daemon, keys.known, { hostKeyAlias: 'build1' })).toBeNull();
    expect(await codeOfConnect(daemon, keys.known, { warn: () => undefined })).toBe(UNKNOWN);
  });

  it('is no reason for rexa keys add to trust the key for good', async () => {
    const keys = makeAuthority();
    keys.certify('authority', 'host', ['-h', '-n', '127.0.0.1']);
    await using daemon = await startCertified(keys);
    const folder = join(keys.folder, 'config/rexa');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, 'known_hosts');
    const lines = `@cert-authority * ${keys.line('authority')}\n`;
    writeFileSync(file, lines, { mode: 0o600 });
    const words = ['keys', 'add', `tls://127.0.0.1:${daemon.port}`];
    const options = { env: { XDG_CONFIG_HOME: join(keys.folder, 'config') } };
    const { status, stderr } = await runRexa(words, options);
    expect([status, readFileSync(file, 'utf8')]).toEqual([125, lines]);
    expect(stderr).toContain('host key not trusted');
    expect((await runRexa([...words, '--accept-new'], options)).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('\n127.0.0.1:');
  });

  it.each<[what: string, words: readonly string[], user: string, reason: RegExp]>([
    ['of a user', [], 'host', /it is for a user/],
    ['of another key', ['-h'], 'other', /it is for the key SHA256:\S+, and the host has SHA256:/],
  ])('%s is refused by rexad at its start', async (_, words, user, reason) => {
    const keys = makeAuthority();
    keys.certify('authority', user, words);
    const started = startCertified(keys, user);
    await expect(started).rejects.toThrow(reason);
  });

  it('that has expired is presented all the same, and the log says so', async () => {
    const keys = makeAuthority();
    keys.certify('authority', 'host', ['-h', '-n', '127.0.0.1', '-V', '19800101:19900101']);
    await using daemon = await startCertified(keys);
    await daemon.untilLogged('it has expired');
    keys.know(`* ${keys.line('host')}`);
    expect(await codeOfConnect(daemon, keys.known)).toBeNull();
  });
});

function revoke(keys: SshKeys, file: string, spec: string): void {
  const list = join(keys.folder, 'spec');
  writeFileSync(list, `${spec}\n`);
  keys.keygen('-k', '-f', file, '-s', join(keys.folder, 'authority.pub'), list);
}

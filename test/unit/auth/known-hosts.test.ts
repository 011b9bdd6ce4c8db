import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatHostAddress, parseHostAddress } from '../../../src/auth/host-address.ts';
import {
  checkHost,
  explainVerdict,
  formatKnownHost,
  parseKnownHosts,
} from '../../../src/auth/known-hosts.ts';
import { addKnownHost, readKnownHosts, removeKnownHost } from '../../../src/auth/known-hosts-file.ts';
import { parsePin } from '../../../src/auth/pin.ts';
import { fingerprint, formatPublicKey } from '../../../src/auth/public-key.ts';
import { codeOf, codeOfAsync, fixtureKey, makeTestFolder } from '../../fixtures/auth/fixtures.ts';

const KEY = fixtureKey('ed25519');
const OTHER = fixtureKey('ecdsa256');
const HOST = 'build1:7522';

function known(text: string) {
  return parseKnownHosts(Buffer.from(text), 'known_hosts').hosts;
}

describe('the address of a host', () => {
  it.each([
    ['build1', 7522, 'build1:7522'],
    ['Build1.Example.COM', 22, 'build1.example.com:22'],
    ['build1.', 7522, 'build1:7522'],
    ['under_score-1', 1, 'under_score-1:1'],
    ['bücher.example', 7522, 'xn--bcher-kva.example:7522'],
    ['BÜCHER.example', 7522, 'xn--bcher-kva.example:7522'],
    ['192.0.2.7', 7522, '192.0.2.7:7522'],
    ['::ffff:192.0.2.7', 7522, '192.0.2.7:7522'],
    ['::1', 7522, '[::1]:7522'],
    ['[::1]', 7522, '[::1]:7522'],
    ['2001:DB8:0:0::7', 7522, '[2001:db8::7]:7522'],
    ['fe80::1%eth0', 7522, '[fe80::1%eth0]:7522'],
  ])('%s, %d is %s', (host, port, expected) => {
    expect(formatHostAddress(host, port)).toBe(expected);
    expect(parseHostAddress(expected)).toBe(expected);
  });

  it.each([
    '',
    '-oProxyCommand=x',
    '-',
    '.',
    'a b',
    'a\tb',
    'a\nb',
    'a\0b',
    'a\u001b[2J',
    '\u202eevil',
    'a,b',
    '*',
    '*.example.com',
    '?',
    '!a',
    '#a',
    '@a',
    '|1|a',
    'a/b',
    'a@b',
    "a'b",
    'a"b',
    '$(id)',
    'a..b',
    'a..',
    'a.-b',
    'a:b',
    '[build1]',
    '[::1',
    '::1]',
    '[]',
    'fe80::1%',
    'fe80::1%-x',
    'fe80::1%a b',
    'fe80::1%a%b',
    'a'.repeat(254),
    '\ud800',
    '\u00ad',
    '１２７.0.0.1%x',
  ])('is not made of %j', (host) => {
    expect(codeOf(() => formatHostAddress(host, 7522))).toBe('AUTH_HOST_NAME_INVALID');
  });

  it('is not what a program could take for an option, and that is said', () => {
    expect(() => formatHostAddress('-oProxyCommand=x', 7522)).toThrow(/begins with '-'/);
  });

  it.each([0, -1, 65_536, 1.5, Number.NaN])('has no port %d', (port) => {
    expect(codeOf(() => formatHostAddress('build1', port))).toBe('AUTH_HOST_NAME_INVALID');
  });

  it.each([
    'build1',
    'build1:',
    ':7522',
    'build1:x',
    'build1:7522:1',
    '::1:7522',
    'build1:99999',
    'build1:7522 ',
  ])('is not %j in a line', (text) => {
    expect(codeOf(() => parseHostAddress(text))).toBe('AUTH_HOST_NAME_INVALID');
  });
});

describe('a pin', () => {
  it('is the fingerprint of a key', () => {
    expect(parsePin(fingerprint(KEY))).toBe(fingerprint(KEY));
  });

  it.each([
    '',
    'SHA256:',
    `${fingerprint(KEY)}=`,
    fingerprint(KEY).slice(0, -1),
    `${fingerprint(KEY)}A`,
    `SHA256:${'A'.repeat(39)}`,
    `SHA256:${'A'.repeat(47)}`,
    fingerprint(KEY).replace('SHA256', 'sha256'),
    fingerprint(KEY).replace('SHA256', 'MD5'),
    `SHA256:${'A'.repeat(42)}B`,
    `SHA256:${'_'.repeat(43)}`,
    ` ${fingerprint(KEY)}`,
  ])('is not %j', (text) => {
    expect(codeOf(() => parsePin(text))).toBe('AUTH_PIN_INVALID');
  });
});

describe('the judgement of a host', () => {
  const line = `${formatKnownHost(HOST, KEY)}\n`;

  it.each([
    ['without a line', '', KEY, null, 'unknown'],
    ['with a line of another host', formatKnownHost('build2:7522', KEY), KEY, null, 'unknown'],
    ['with a line of another port', formatKnownHost('build1:7523', KEY), KEY, null, 'unknown'],
    ['with its line', line, KEY, null, 'trusted'],
    ['with its line in another spelling', line.replace('build1', 'BUILD1.'), KEY, null, 'trusted'],
    ['with a comment behind its line', `${formatKnownHost(HOST, KEY)} since today\r\n`, KEY, null, 'trusted'],
    ['with another key', line, OTHER, null, 'changed'],
    ['with the second of its keys', `${formatKnownHost(HOST, OTHER)}\n${line}`, KEY, null, 'trusted'],
    ['with a third key', `${formatKnownHost(HOST, OTHER)}\n${line}`, fixtureKey('rsa'), null, 'changed'],
    ['with a line that is commented out', `#${line}`, KEY, null, 'unknown'],
    ['with a line whose key is damaged', line.slice(0, -5), KEY, null, 'changed'],
    ['with a line whose key is missing', HOST, KEY, null, 'changed'],
    ['with a pattern of its own notation', formatKnownHost('build?:7522', KEY), KEY, null, 'trusted'],
    ['with a pattern that excludes it', formatKnownHost('*,!build*:7522', KEY), KEY, null, 'unknown'],
    [
      'with a revoked key of an old type',
      `@revoked * ssh-dss AAAAB3NzaC1kc3M=\n${line}`,
      KEY,
      null,
      'trusted',
    ],
    ['with a revoked key that is damaged', `@revoked * ssh-ed25519 AAAA\n${line}`, KEY, null, 'revoked'],
    ['with a line of 1 MB', `${HOST} ssh-ed25519 ${'A'.repeat(1_000_000)}\n`, KEY, null, 'changed'],
    ['behind a line of 1 MB', `x${'A'.repeat(1_000_000)}\n${line}`, KEY, null, 'trusted'],
    ['behind a line that is broken', `build1 ssh-ed25519 AAAA\n${line}`, KEY, null, 'trusted'],
    ['with its pin', '', KEY, fingerprint(KEY), 'trusted'],
    [
      'with its pin and a line of another key',
      formatKnownHost(HOST, OTHER),
      KEY,
      fingerprint(KEY),
      'trusted',
    ],
    ['with another pin', '', KEY, fingerprint(OTHER), 'pinned-mismatch'],
    ['with another pin, and its line', line, KEY, fingerprint(OTHER), 'pinned-mismatch'],
  ])('%s: %5$s', (_, text, key, pin, kind) => {
    expect(checkHost(known(text), HOST, key, pin).kind).toBe(kind);
  });

  it('says what to do', () => {
    const explain = (text: string, key: typeof KEY, pin: string | null = null) =>
      explainVerdict(checkHost(known(text), HOST, key, pin), HOST, key, '/home/alice/known_hosts');
    expect(explain(line, KEY)).toBeNull();
    expect(explain('', KEY)).toMatchObject({
      code: 'AUTH_HOST_UNKNOWN',
      message: expect.stringContaining(fingerprint(KEY)),
    });
    const changed = explain(`\n${line}`, OTHER);
    expect(changed?.code).toBe('AUTH_HOST_CHANGED');
    for (const part of [
      fingerprint(KEY),
      fingerprint(OTHER),
      '/home/alice/known_hosts, line 2',
      `rexa keys remove ${HOST}`,
    ]) {
      expect(changed?.message).toContain(part);
    }
    expect(explain(HOST, KEY)?.message).toContain('a damaged key');
    expect(explain('', KEY, fingerprint(OTHER))?.code).toBe('AUTH_HOST_PIN_MISMATCH');
  });

  it('is not made of a file with more lines than anybody keeps', () => {
    expect(codeOf(() => parseKnownHosts(Buffer.from('#\n'.repeat(20_001)), 'file'))).toBe(
      'AUTH_FILE_TOO_MANY_LINES',
    );
  });

  it('tells which lines are of no use', () => {
    const { hosts, problems } = parseKnownHosts(
      Buffer.from(`# x\nbuild1 y z\n-evil:1 a b\n${line}${HOST} x`),
      'file',
    );
    expect(hosts.map(({ line: number }) => number)).toEqual([2, 3, 4, 5]);
    expect(problems.map(({ message }) => /^file:\d/.exec(message)?.[0])).toEqual([
      'file:2',
      'file:3',
      'file:5',
    ]);
  });
});

describe('the file of known hosts', () => {
  function makeFile(text?: string): string {
    const file = path.join(makeTestFolder(), 'rexa', 'known_hosts');
    if (text !== undefined) {
      fs.mkdirSync(path.dirname(file), { mode: 0o700 });
      fs.writeFileSync(file, text, { mode: 0o600 });
    }
    return file;
  }

  it('knows nobody while it is not there', async () => {
    const file = makeFile();
    expect(await readKnownHosts(file)).toEqual({ hosts: [], problems: [] });
    expect(await removeKnownHost(file, HOST)).toBe(0);
    expect(fs.existsSync(path.dirname(file))).toBe(false);
  });

  it('takes hosts up and forgets them', async () => {
    const file = makeFile();
    expect(await addKnownHost(file, HOST, KEY)).toBe(true);
    expect(await addKnownHost(file, HOST, KEY)).toBe(false);
    expect(await addKnownHost(file, HOST, OTHER)).toBe(true);
    expect(await addKnownHost(file, '[::1]:7522', KEY)).toBe(true);
    expect((await readKnownHosts(file)).hosts.map(({ address }) => address)).toEqual([
      HOST,
      HOST,
      '[::1]:7522',
    ]);
    expect(await removeKnownHost(file, HOST)).toBe(2);
    expect(await removeKnownHost(file, HOST)).toBe(0);
    expect(fs.readFileSync(file, 'utf8')).toBe(`${formatKnownHost('[::1]:7522', KEY)}\n`);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['known_hosts']);
  });

  it('keeps every other line byte for byte', async () => {
    const rest = [
      '# mine',
      '',
      'broken line',
      `${formatKnownHost('build2:7522', KEY)}  and a comment\r`,
      '\u00ff\u0001',
    ];
    const file = makeFile(
      [rest[0], rest[1], formatKnownHost(HOST, KEY), rest[2], `${HOST} damaged`, rest[3], rest[4]].join('\n'),
    );
    expect(await removeKnownHost(file, HOST)).toBe(2);
    expect(fs.readFileSync(file, 'utf8')).toBe(`${rest.join('\n')}\n`);
  });

  it('does not join a last line that has no end', async () => {
    const file = makeFile(`${HOST} ssh-ed25519 AAAAC3Nza`);
    await addKnownHost(file, 'build2:7522', KEY);
    expect((await readKnownHosts(file)).hosts.map(({ address, key }) => [address, key === null])).toEqual([
      [HOST, true],
      ['build2:7522', false],
    ]);
  });

  it.each(['-evil:7522', 'a b:7522', 'a\nb:7522', 'build1'])('does not take up %j', async (address) => {
    const file = makeFile();
    expect(await codeOfAsync(() => addKnownHost(file, address, KEY))).toBe('AUTH_HOST_NAME_INVALID');
    expect(fs.existsSync(file)).toBe(false);
  });

  it('loses nothing when many write at once', async () => {
    const file = makeFile(`${formatKnownHost('gone:1', KEY)}\n`);
    const ports = Array.from({ length: 12 }, (_, index) => index + 1);
    await Promise.all([
      ...ports.map((port) => addKnownHost(file, `build:${port}`, KEY)),
      removeKnownHost(file, 'gone:1'),
    ]);
    const { hosts } = await readKnownHosts(file);
    expect(new Set(hosts.map(({ address }) => address))).toEqual(
      new Set(ports.map((port) => `build:${port}`)),
    );
  });

  it('takes away a lock that a killed process left behind', async () => {
    const file = makeFile('');
    fs.writeFileSync(`${file}.lock`, '');
    const past = new Date(Date.now() - 60_000);
    fs.utimesSync(`${file}.lock`, past, past);
    expect(await addKnownHost(file, HOST, KEY)).toBe(true);
    expect(fs.existsSync(`${file}.lock`)).toBe(false);
  });

  it('stays a symbolic link', async () => {
    const file = makeFile('');
    const target = path.join(path.dirname(file), 'target');
    fs.renameSync(file, target);
    fs.symlinkSync('target', file);
    await addKnownHost(file, HOST, KEY);
    expect(fs.readlinkSync(file)).toBe('target');
    expect(fs.readFileSync(target, 'utf8')).toBe(`${HOST} ${formatPublicKey(KEY)}\n`);
  });

  it.each([
    ['it', (file: string) => file],
    ['its folder', (file: string) => path.dirname(file)],
  ])('is not believed when others may write %s', async (_, choose) => {
    const file = makeFile('');
    fs.chmodSync(choose(file), 0o777);
    expect(await codeOfAsync(() => readKnownHosts(file))).toBe('AUTH_FILE_UNSAFE');
    expect(await codeOfAsync(() => addKnownHost(file, HOST, KEY))).toBe('AUTH_FILE_UNSAFE');
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { planHost } from '../../../../src/cli/host/host-plan.ts';
import { createMessages, PLAIN_MESSAGES } from '../../../../src/cli/output/messages.ts';
import { hostOptionsOf } from '../../../../src/cli/ssh/host-options.ts';
import { preferConfig } from '../../../../src/cli/ssh/prefer-config.ts';
import type { Config } from '../../../../src/client/config/config-schema.ts';
import { loadConfig } from '../../../../src/client/config/load-config.ts';
import { isSshHost, resolveHostSettings } from '../../../../src/client/config/resolve-host-settings.ts';
import { connect } from '../../../../src/client/connect.ts';
import type { OpenOptions } from '../../../../src/client/open-host.ts';
import { makeConfigFolder } from '../../../fixtures/ssh-config/resolve-files.ts';

// Files share a process: a home folder that is left set would be that of the next file
afterEach(() => vi.unstubAllEnvs());

const MESSAGES = createMessages(PLAIN_MESSAGES);

const FILE = `
Host b*
  HostName %h.example
  User ann
  Port 22
  IdentityFile ~/k-%n
  StrictHostKeyChecking no
  HostKeyAlias alias
  ConnectTimeout 9
Host six
  HostName ::1
Host socket
  HostName x
  User ann
`;

/** The settings of a host with such a configuration beside FILE. */
async function settingsOf(called: string, config: string, file = FILE) {
  using folder = makeConfigFolder();
  vi.stubEnv('HOME', folder.folder);
  folder.write('.ssh/config', file);
  const loaded = await loadConfig(folder.write('config.yaml', config));
  return { ...resolveHostSettings(loaded, called), home: folder.folder };
}

describe('ssh-config: true', () => {
  it('gives a host what the files of ssh say of it, but the port', async () => {
    const found = await settingsOf('b1', 'ssh-config: true');
    expect(found).toMatchObject({
      address: { kind: 'tls', host: 'b1.example', port: 7522 },
      user: 'ann',
      identities: [`${found.home}/k-b1`],
      identitiesOnly: false,
      unknownHost: 'accept-new',
      hostKeyAlias: 'alias',
      connectTimeoutMs: 9000,
    });
  });

  it.each([
    [
      'the port, too, with ssh-config-port',
      'b1',
      'ssh-config: true\nssh-config-port: true',
      { host: 'b1.example', port: 22 },
    ],
    [
      'the port of defaults before it',
      'b1',
      'ssh-config: true\nssh-config-port: true\ndefaults: {port: 5}',
      { port: 5 },
    ],
    [
      'its own address before HostName',
      'b1',
      'ssh-config: true\nhosts: {b1: {address: "own:3"}}',
      { host: 'own', port: 3 },
    ],
    ['an address of IPv6', 'six', 'ssh-config: true', { host: '::1', port: 7522 }],
    ['nothing without it', 'b1', 'ssh-config: false', { host: 'b1', port: 7522 }],
  ])('means %s', async (_, called, config, address) => {
    expect((await settingsOf(called, config)).address).toMatchObject(address);
  });

  it('leaves what the configuration says', async () => {
    const own =
      'ssh-config: true\ndefaults: {user: own, identities: [/k], accept-new: true, connect-timeout: 2s}';
    expect(await settingsOf('b1', own)).toMatchObject({
      user: 'own',
      identities: ['/k'],
      identitiesOnly: undefined,
      acceptNew: true,
      connectTimeoutMs: 2000,
    });
  });

  it.each(['local', 'unix:/a/b', 'tls://b1', 'socket'])('is not about %s', async (called) => {
    const config = 'ssh-config: true\nhosts: {socket: {address: "unix:/s"}}';
    expect((await settingsOf(called, config)).user).toBeUndefined();
  });

  it.each(['a`x`', '$(x)', 'a;x'])('reads no file for the host %s', async (called) => {
    const running = settingsOf(called, 'ssh-config: true', 'Match exec "touch ~/ran"\nJunk 1\n');
    await expect(running).rejects.toThrow('hostname contains invalid characters');
  });

  it.each(['a`x`', '$(x)', 'a;x'])('lets connect run no command for the host %s', async (called) => {
    using folder = makeConfigFolder();
    vi.stubEnv('HOME', folder.folder);
    folder.write('.ssh/config', 'Match exec "touch @/ran; : %h"\n');
    const config = folder.write('config.yaml', 'ssh-config: true');
    await expect(connect(called, { config })).rejects.toMatchObject({ code: 'USAGE' });
    expect(existsSync(join(folder.folder, 'ran'))).toBe(false);
  });

  it('lets accept-new: false stand before StrictHostKeyChecking', async () => {
    const own = await settingsOf('b1', 'ssh-config: true\ndefaults: {accept-new: false}');
    expect(own).toMatchObject({ acceptNew: false, unknownHost: undefined });
  });

  it('reports what the files ask for and rexa lacks', async () => {
    const found = await settingsOf(
      'b1',
      'ssh-config: true',
      'Host b*\nBindAddress ::1\nHost c\nTunnel yes\n',
    );
    expect(found.remarks).toEqual([
      `${found.home}/.ssh/config line 2: keyword BindAddress is not supported: the system chooses the address; it is ignored`,
    ]);
  });

  it('reports that to the user of the library', async () => {
    using folder = makeConfigFolder();
    vi.stubEnv('HOME', folder.folder);
    folder.write('.ssh/config', 'HostName 127.0.0.1\nBindAddress ::1\n');
    const config = folder.write('config.yaml', 'ssh-config: true\ndefaults: {port: 1}');
    const warn = vi.fn();
    await expect(connect('b1', { config, warn, timeout: 5000 })).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
    });
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/line 2: keyword BindAddress is not supported/));
  });

  it('refuses files with a wrong line, and names the first', async () => {
    await expect(settingsOf('b1', 'ssh-config: true', '\nJunk 1\nPort x\n')).rejects.toMatchObject({
      code: 'SSH_CONFIG_INVALID',
      message: expect.stringMatching(/\.ssh\/config line 2: Bad configuration option: junk$/),
    });
  });
});

describe('what the configuration precedes', () => {
  const SSH = `
HostName real
Port 22
User ann
IdentityFile /k
IdentitiesOnly yes
IdentityAgent /agent
ProxyJump gate
StrictHostKeyChecking accept-new
ConnectTimeout 9
`;

  it.each([
    'hosts: {b1: {user: own}}',
    'defaults: {user: own}',
    'defaults: {port: 5}',
    'defaults: {identities: [/own]}',
    'defaults: {agent: none}',
    'defaults: {jump: other}',
    'defaults: {accept-new: false}',
    'defaults: {connect-timeout: 2s}',
    'defaults: {encoding: utf8}',
  ])('is the same in rexa ssh and in the library: %s', async (own) => {
    using folder = makeConfigFolder({ usesPort: true });
    vi.stubEnv('HOME', folder.folder);
    folder.write('.ssh/config', SSH);
    const file = folder.write('config.yaml', `ssh-config: true\nssh-config-port: true\n${own}\n`);
    const config = await loadConfig(file);
    const settings = preferConfig(folder.resolve('b1'), config);
    const given = hostOptionsOf('b1', settings, file);
    const { connect: byWords, jumps: jumpsByWords } = await planHost(
      'b1',
      { ...given, mayAsk: false },
      MESSAGES,
    );
    const { connect: byConfig, jumps } = await planHost('b1', { config: file, mayAsk: false }, MESSAGES);
    const timeout = settings.connectTimeoutMs ?? byWords.timeout;
    expect({ ...comparable(byWords), timeout, jumps: jumpsByWords.map(({ named }) => named) }).toEqual({
      ...comparable(byConfig),
      jumps: jumps.map(({ named }) => named),
    });
  });
});

/** What can be compared of the options of a host. */
function comparable({ target, user, timeout, identities, identitiesOnly, agent, acceptNew }: OpenOptions) {
  return { target, user, timeout, identities, identitiesOnly, agent, acceptNew };
}

describe('a host that the files of ssh are about', () => {
  const config: Config = { hosts: { a: { address: 'x' }, s: { address: 'unix:/s' }, p: { command: ['x'] } } };
  it.each([
    ['a', true],
    ['s', false],
    ['p', false],
    ['other', true],
    ['local', false],
    ['tls://x', false],
  ])('%s: %s', (called, expected) => {
    expect(isSshHost(config, called)).toBe(expected);
  });
});

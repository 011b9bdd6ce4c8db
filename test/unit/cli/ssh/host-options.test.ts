import { createHash } from 'node:crypto';
import { homedir, hostname, userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { HostOptions } from '../../../../src/cli/host/host-plan.ts';
import { hostOptionsOf } from '../../../../src/cli/ssh/host-options.ts';
import { resolveWords } from '../../../../src/cli/ssh/resolve.ts';
import { SSH_COMMAND } from '../../../../src/cli/tables/ssh.ts';
import { parseWords } from '../../../../src/command-line/parse-words.ts';
import { expandSettings } from '../../../../src/config/ssh/expand-settings.ts';
import { printSpec } from '../../../../src/config/ssh/forward-spec.ts';
import { readPaths } from '../../../../src/config/ssh/read-paths.ts';

/** `${NAME}` as it is written in a path. */
const inBraces = (name: string, rest = ''): string => `$\{${name}}${rest}`;
const own = { MY_AGENT: '/run/mine', KEYS: '/keys' };

function paths(...words: readonly string[]) {
  const { host, settings } = resolveWords(parseWords(SSH_COMMAND, [...words, 'build1']).said);
  return readPaths(expandSettings(host, settings, {}, own), own);
}

function said(...words: readonly string[]): HostOptions {
  const { host, settings } = resolveWords(parseWords(SSH_COMMAND, [...words, 'build1']).said);
  return hostOptionsOf(host, expandSettings(host, settings, {}, own), undefined, own);
}

describe('the paths that the words of ssh name', () => {
  const home = homedir();
  const { username, uid } = userInfo();

  it.each([
    ['key', 'key'],
    ['~/key', `${home}/key`],
    ['%d/key', `${home}/key`],
    ['/k/%r@%h:%p', `/k/${username}@build1:7522`],
    ['/k/%n-%u-%i-%%', `/k/build1-${username}-${uid}-%`],
    [inBraces('KEYS', '/a b'), '/keys/a b'],
    ['/k/~/x', '/k/~/x'],
    ['~root/key', '/root/key'],
    ['~root', '/root/'],
  ])('-i %s is %s', (text, expected) => {
    expect(paths('-i', text).identities).toEqual([expected]);
  });

  it('have the hash of the connection, as ssh makes it, and the alias of the host key', () => {
    const hash = createHash('sha1').update(`${hostname()}real9me`).digest('hex');
    const words = ['-p', '9', '-l', 'me', '-o', 'HostName=real', '-o', 'HostKeyAlias=alias'];
    expect(paths(...words, '-o', 'UserKnownHostsFile=/k/%C %k').knownHosts).toEqual([`/k/${hash}`, 'alias']);
  });

  it('have what a configuration says of the host where the words say nothing', () => {
    const { host, settings } = resolveWords(parseWords(SSH_COMMAND, ['-i', '%h:%p:%r', 'build1']).said);
    const place = { hostName: 'b1.example', port: 7, user: 'ann' };
    expect(expandSettings(host, settings, place, own).identityFile).toEqual(['b1.example:7:ann']);
  });

  it('are those of forwardings too, where a ~ is itself', () => {
    const words = [
      '-L',
      `/l/%h:/to/${inBraces('KEYS')}`,
      '-R',
      '/r/%%n:a%h:1',
      '-D',
      '/d/%n',
      '-L',
      '%h:1:b:2',
    ];
    const { host, settings } = resolveWords(parseWords(SSH_COMMAND, [...words, 'build1']).said);
    const expanded = expandSettings(host, settings, {}, own);
    expect(expanded.localForward?.map(printSpec)).toEqual(['/l/build1 /to//keys', '[%h]:1 [b]:2']);
    expect(expanded.remoteForward?.map(printSpec)).toEqual(['/r/%n [a%h]:1']);
    expect(expanded.dynamicForward?.map(printSpec)).toEqual(['/d/build1']);
  });

  it('name no user who is not known', () => {
    expect(() => paths('-i', '~no-such-user/key')).toThrow(
      "no such user 'no-such-user' in ~no-such-user/key",
    );
  });

  it('are those of commands too, where a ~ and a variable are left to the shell', () => {
    const words = ['-o', `RemoteCommand=echo ~ ${inBraces('KEYS')} %h %%`, '-o', 'LocalCommand=echo %T %n'];
    const { host, settings } = resolveWords(parseWords(SSH_COMMAND, [...words, 'build1']).said);
    expect(expandSettings(host, settings, {}, own)).toMatchObject({
      remoteCommand: `echo ~ ${inBraces('KEYS')} build1 %`,
      localCommand: 'echo NONE build1',
    });
  });

  it.each([
    [
      ['-o', 'SetEnv=A=%n/%h/%% B=50%', 'h'],
      {
        setEnv: [
          ['A', 'h/h/%'],
          ['B', '50%'],
        ],
      },
    ],
    [
      ['-o', `SetEnv=A=${inBraces('KEYS')}${inBraces('NOTHING')}`, 'h'],
      { setEnv: [['A', `/keys${inBraces('NOTHING')}`]] },
    ],
    [['-o', 'SetEnv=%n=1', 'h'], { setEnv: [['%n', '1']] }],
    [['-o', 'User=%u-%n', 'h'], { user: `${username}-h` }],
    [['-o', 'User=%r', 'h'], { user: '%r' }],
    [['-l', '%u', 'h'], { user: '%u' }],
    [['%u@h'], { user: '%u' }],
    [['-o', 'ControlPath=~', 'h'], { controlPath: `${home}/` }],
    [['-o', 'RevokedHostKeys=~/r %h', 'h'], { revokedHostKeys: [`${home}/r`, 'h'] }],
  ])('expand in %j', (words, expected) => {
    const { host, settings } = resolveWords(parseWords(SSH_COMMAND, words).said);
    expect(expandSettings(host, settings, {}, own)).toMatchObject(expected);
  });

  it('have the user, port and name that were given', () => {
    const words = ['-p', '9', '-l', 'me', '-o', 'HostName=real', '-i', '%r@%h:%p (%n)'];
    expect(paths(...words).identities).toEqual(['me@real:9 (build1)']);
  });

  it.each([['%z'], ['%'], [inBraces('NOTHING')], ['a%']])('-i %s stands for nothing', (text) => {
    expect(() => paths('-i', text)).toThrow(/is unknown or not set$/);
  });

  it.each([
    ['none', null],
    ['SSH_AUTH_SOCK', undefined],
    ['$MY_AGENT', '/run/mine'],
    ['$NOTHING', null],
    [inBraces('KEYS', '/agent'), '/keys/agent'],
    ['~/agent', `${home}/agent`],
  ])('IdentityAgent=%s is %s', (text, expected) => {
    expect(paths('-o', `IdentityAgent=${text}`).agent).toBe(expected);
  });

  it.each([
    ['/a ~/b', ['/a', `${home}/b`]],
    ['none', null],
    ['/dev/null', null],
    ['/dev/null /a', ['/a']],
  ])('UserKnownHostsFile=%s is %j', (text, expected) => {
    expect(paths('-o', `UserKnownHostsFile=${text}`).knownHosts).toEqual(expected);
  });

  it('GlobalKnownHostsFile names several files, and none of them learns', () => {
    const { knownHosts, globalKnownHosts } = paths(
      '-o',
      'UserKnownHostsFile=none',
      '-o',
      'GlobalKnownHostsFile=/a ~/b',
    );
    expect([knownHosts, globalKnownHosts]).toEqual([null, ['/a', `${home}/b`]]);
  });

  it('are not there where nothing was said', () => {
    expect(paths()).toEqual({
      identities: undefined,
      certificates: undefined,
      globalKnownHosts: undefined,
      agent: undefined,
      knownHosts: undefined,
    });
    expect(paths('-i', 'none').identities).toEqual([]);
  });
});

describe('what the words of ssh say of their host', () => {
  const nothing = {
    address: undefined,
    port: undefined,
    user: undefined,
    identities: undefined,
    certificates: undefined,
    hostKeyAlias: undefined,
    identitiesOnly: undefined,
    agent: undefined,
    knownHosts: undefined,
    family: undefined,
    unknownHost: undefined,
    mayAsk: true,
    keepaliveMs: undefined,
    config: undefined,
    sshConfig: false,
  };

  it.each([
    [[], {}],
    [['-o', 'BatchMode=yes'], { mayAsk: false }],
    [['-o', 'StrictHostKeyChecking=yes'], { unknownHost: 'refuse' }],
    [['-o', 'StrictHostKeyChecking=ask'], { unknownHost: 'ask' }],
    [['-o', 'StrictHostKeyChecking=no'], { unknownHost: 'accept-new' }],
    [['-p', '9', '-l', 'me', '-6'], { port: 9, user: 'me', family: 6 }],
    [['-i', '/k'], { identities: ['/k'], identitiesOnly: false }],
    [['-i', '/k', '-o', 'IdentitiesOnly=yes'], { identities: ['/k'], identitiesOnly: true }],
    [['-o', 'IdentitiesOnly=yes'], { identitiesOnly: true }],
    [['-i', 'none'], { identities: [], identitiesOnly: false }],
    [['-o', 'IdentityAgent=none', '-o', 'UserKnownHostsFile=/h'], { agent: null, knownHosts: ['/h'] }],
    [['-o', 'HostName=real', '-p', '9'], { address: 'real:9', port: 9 }],
    [['-o', 'ServerAliveInterval=15'], { keepaliveMs: 7_500, reconnectForMs: 22_500 }],
    [
      ['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=1'],
      { keepaliveMs: 2_500, reconnectForMs: 7_500 },
    ],
    [
      ['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=0'],
      { keepaliveMs: Number.POSITIVE_INFINITY },
    ],
    [['-o', 'ServerAliveInterval=0', '-o', 'ServerAliveCountMax=9'], {}],
    [
      ['-o', 'ServerAliveInterval=1w', '-o', 'ServerAliveCountMax=1000'],
      { keepaliveMs: (2 ** 31 - 1) / 3, reconnectForMs: 2 ** 31 - 1 },
    ],
    [['-o', 'HostName=::1'], { address: '[::1]' }],
  ])('%j', (words, expected) => {
    expect(said(...words)).toEqual({ ...nothing, ...expected });
  });

  it('writes an address of IPv6 as addresses are written', () => {
    const { host, settings } = resolveWords(parseWords(SSH_COMMAND, ['-p', '9', '::1']).said);
    expect(hostOptionsOf(host, settings, undefined)).toMatchObject({ address: '[::1]:9', port: 9 });
  });
});

import { homedir, userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { joinOpenOptions, readPaths } from '../../../../../src/client/cli/ssh/connect-options.ts';
import { resolveWords } from '../../../../../src/client/cli/ssh/resolve.ts';
import { SSH_COMMAND } from '../../../../../src/client/cli/tables/ssh.ts';
import type { OpenOptions } from '../../../../../src/client/connect.ts';
import { parseWords } from '../../../../../src/command-line/parse-words.ts';

/** `${NAME}` as it is written in a path. */
const inBraces = (name: string, rest = ''): string => `$\{${name}}${rest}`;
const own = { MY_AGENT: '/run/mine', KEYS: '/keys' };

function paths(...words: readonly string[]) {
  const { host, settings } = resolveWords(parseWords(SSH_COMMAND, [...words, 'build1']).said);
  return readPaths(host, settings, own);
}

function options(base: OpenOptions, ...words: readonly string[]): OpenOptions {
  const { settings } = resolveWords(parseWords(SSH_COMMAND, [...words, 'build1']).said);
  return joinOpenOptions(base, settings, paths(...words));
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
  ])('-i %s is %s', (text, expected) => {
    expect(paths('-i', text).identities).toEqual([expected]);
  });

  it('have the user, port and name that were given', () => {
    const words = ['-p', '9', '-l', 'me', '-o', 'HostName=real', '-i', '%r@%h:%p (%n)'];
    expect(paths(...words).identities).toEqual(['me@real:9 (build1)']);
  });

  it.each([['%z'], ['%'], [inBraces('NOTHING')], ['a%']])('-i %s stands for nothing', (text) => {
    expect(() => paths('-i', text)).toThrow(/stands for nothing$/);
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

  it('are not there where nothing was said', () => {
    expect(paths()).toEqual({ identities: undefined, agent: undefined, knownHosts: undefined });
    expect(paths('-i', 'none').identities).toEqual([]);
  });
});

describe('how a host is opened by the words of ssh', () => {
  const askHost = (): boolean => true;
  const passphrase = (): null => null;
  const base = { askHost, passphrase, acceptNew: true };

  it.each([
    [[], { askHost, passphrase, acceptNew: true }],
    [['-o', 'BatchMode=yes'], { acceptNew: true }],
    [['-o', 'StrictHostKeyChecking=yes'], { passphrase, acceptNew: false }],
    [['-o', 'StrictHostKeyChecking=ask'], { askHost, passphrase, acceptNew: false }],
    [['-o', 'StrictHostKeyChecking=no'], { askHost, passphrase, acceptNew: true }],
    [['-o', 'StrictHostKeyChecking=accept-new', '-o', 'BatchMode=yes'], { acceptNew: true }],
  ])('%j', (words, expected) => {
    expect(options(base, ...words)).toEqual(expected);
  });

  it('has user, family and files', () => {
    const words = ['-6', '-l', 'me', '-i', '/k', '-o', 'IdentityAgent=none', '-o', 'UserKnownHostsFile=/h'];
    const expected = { user: 'me', family: 6, identities: ['/k'], agent: null, knownHosts: ['/h'] };
    expect(options({ identities: ['/other'] }, ...words)).toEqual(expected);
  });
});

import { hostname, userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { printSettings } from '../../../../src/cli/ssh/print-settings.ts';
import { resolveWords } from '../../../../src/cli/ssh/resolve.ts';
import { SSH_COMMAND } from '../../../../src/cli/tables/ssh.ts';
import { parseWords } from '../../../../src/command-line/parse-words.ts';
import { expandSettings } from '../../../../src/config/ssh/expand-settings.ts';
import { homeFolder } from '../../../../src/places/home-folder.ts';

/** What tokens stand for with the options below, apart by `|`, as ssh_config(5) has it under TOKENS. */
const TOKENS = '%%|%h|%i|%k|%L|%l|%n|%p|%r|%u|%j';
const VALUES = [
  '%',
  'name.real',
  String(process.getuid?.()),
  'alias',
  hostname().split('.')[0],
  hostname(),
  'somehost',
  '99',
  'ann',
  userInfo().username,
  'gate',
].join('|');

/** Returns the values that `-G` prints of a keyword. */
async function print(keyword: string, value: string): Promise<readonly string[]> {
  const place = ['-o', 'HostName=name.real', '-o', 'HostKeyAlias=alias', '-p', '99', '-J', 'bob@gate:1'];
  const words = ['-o', `${keyword}=${value}`, ...place, '-l', 'ann', 'somehost'];
  const { host, settings } = resolveWords(parseWords(SSH_COMMAND, words).said);
  const printed = await printSettings(host, expandSettings(host, settings, {}, { FOO: 'bar' }), settings);
  const prefix = `${keyword.toLowerCase()} `;
  return printed
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length));
}

const dollar = '$'.concat('{FOO}');

describe('tokens in the settings of ssh', () => {
  it.each([
    ['ControlPath'],
    ['ForwardAgent'],
    ['IdentityAgent'],
    ['RemoteCommand'],
    ['RevokedHostKeys'],
    ['UserKnownHostsFile'],
  ])('%s', async (keyword) => {
    expect(await print(keyword, `/${TOKENS}`)).toEqual([`/${VALUES}`]);
    expect(await print(keyword, '/%d')).toEqual([`/${homeFolder()}`]);
  });

  it.each([['LocalForward'], ['RemoteForward']])('%s', async (keyword) => {
    expect(await print(keyword, `/${TOKENS} /${TOKENS}`)).toEqual([`/${VALUES} /${VALUES}`]);
    expect(await print(keyword, `/${dollar} /${dollar}`)).toEqual(['/bar /bar']);
  });

  it('SetEnv, whose names stay', async () => {
    expect(await print('SetEnv', `%u=${TOKENS}`)).toEqual([`%u=${VALUES}`]);
  });

  it.each([
    ['ControlPath'],
    ['ForwardAgent'],
    ['IdentityAgent'],
    ['UserKnownHostsFile'],
    ['RevokedHostKeys'],
  ])('%s has variables, and the home folder for ~', async (keyword) => {
    expect(await print(keyword, `/${dollar}/x`)).toEqual(['/bar/x']);
    expect(await print(keyword, '~/x')).toEqual([`${homeFolder()}/x`]);
  });

  it.each([['LocalCommand'], ['RemoteCommand']])(
    '%s leaves variables and ~ to the shell',
    async (keyword) => {
      expect(await print(keyword, `echo ~ ${dollar}`)).toEqual([`echo ~ ${dollar}`]);
    },
  );

  it('ProxyJump, which is printed as it was written', async () => {
    const words = ['-J', '%r@%n-gate:1', '-l', 'ann', 'somehost'];
    const { host, settings } = resolveWords(parseWords(SSH_COMMAND, words).said);
    expect(expandSettings(host, settings).proxyJump).toEqual(['ann@somehost-gate:1']);
    expect(await printSettings(host, expandSettings(host, settings), settings)).toContain(
      'proxyjump %r@%n-gate:1\n',
    );
  });
});

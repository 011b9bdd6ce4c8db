import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../../src/client/config/load-config.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-config-'));
  vi.stubEnv('XDG_CONFIG_HOME', folder);
  vi.stubEnv('REXA_CONFIG', '');
  mkdirSync(join(folder, 'rexa'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(text: string, name = 'rexa/config.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function problemOf(text: string): Promise<string> {
  const file = write(text);
  try {
    await loadConfig();
    return 'taken';
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    return error.message.replaceAll(file, 'FILE');
  }
}

describe('the configuration of the client', () => {
  it('is none where there is no file', async () => {
    expect(await loadConfig()).toBeNull();
  });

  it('is $XDG_CONFIG_HOME/rexa/config.yaml, before it what REXA_CONFIG names, before that the option', async () => {
    write('defaults: {user: usual}\n');
    expect(await loadConfig()).toEqual({ defaults: { user: 'usual' } });
    vi.stubEnv('REXA_CONFIG', write('defaults: {user: variable}\n', 'a.yaml'));
    expect(await loadConfig()).toEqual({ defaults: { user: 'variable' } });
    expect(await loadConfig(write('defaults: {user: option}\n', 'b.yaml'))).toEqual({
      defaults: { user: 'option' },
    });
    expect(await loadConfig('none')).toBeNull();
  });

  it('must be there where it was named', async () => {
    await expect(loadConfig(join(folder, 'absent.yaml'))).rejects.toMatchObject({ code: 'CONFIG_MISSING' });
    vi.stubEnv('REXA_CONFIG', join(folder, 'absent.yaml'));
    await expect(loadConfig()).rejects.toMatchObject({ code: 'CONFIG_MISSING' });
  });

  it('may say all that there is', async () => {
    const all = [
      'defaults:',
      '  user: a',
      '  port: 1',
      '  identities: [~/.ssh/id]',
      '  agent: none',
      '  accept-new: true',
      '  connect-timeout: 1m30s',
      '  encoding: gbk',
      '  stdin-encoding: utf8',
      '  env: {A: b}',
      'groups:',
      '  web: {hosts: [w1, w-2.example], user: web}',
      'hosts:',
      '  w1: {address: "[::1]:7522", aliases: [w], pin: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}',
      '  w-2.example:',
      '  local: {env: {A: c}}',
    ];
    expect(await problemOf(all.map((line) => line.replace(/(w-2.example):$/, '$1: {}')).join('\n'))).toBe(
      'taken',
    );
  });

  it.each([
    ['hosts:\n  a: {addres: b}\n', 'FILE:2:7: unknown setting addres; did you mean address?'],
    ['host:\n  a: {}\n', 'FILE:1:1: unknown setting host; did you mean hosts?'],
    ['defaults: {port: 65536}\n', 'FILE:1:18: expected a port from 1 to 65535'],
    ['defaults: {port: "7"}\n', 'FILE:1:18: expected a port from 1 to 65535'],
    ['defaults:\n  connect-timeout: soon\n', 'FILE:2:20: expected a duration above 0'],
    ['defaults:\n  connect-timeout: 0s\n', 'FILE:2:20: the duration must be above 0'],
    ['defaults:\n  connect-timeout: 99d\n', "FILE:2:20: '99d' is too long"],
    ['defaults: {env: {A: 1}}\n', 'FILE:1:21: expected text (a number in quotes), not 1'],
    ['defaults: {env: {"A B": c}}\n', 'FILE:1:18: a variable is named with letters, digits and _'],
    ['defaults: {identities: ~/.ssh/a}\n', 'FILE:1:24: expected a list of paths, not "~/.ssh/a"'],
    ['defaults: {accept-new: yes}\n', 'FILE:1:24: expected true or false, not "yes"'],
    ['defaults: {user: ""}\n', 'FILE:1:18: expected a user, not an empty text'],
    ['hosts:\n  -a: {}\n', 'FILE:2:3: a name has letters'],
    ['hosts:\n  a/b: {}\n', 'FILE:2:3: a name has letters'],
    [
      'hosts:\n  a: {address: "-oX"}\n',
      "FILE:2:16: the address -oX is not valid: a host's name does not begin",
    ],
    ['hosts:\n  a: {address: "ftp://b"}\n', 'FILE:2:16: the address ftp://b is not supported'],
    ['hosts:\n  a: {command: [ssh, b, rexad, --stdio]}\n', 'taken'],
    ['hosts:\n  a: {command: []}\n', 'FILE:2:16: expected a program'],
    ['hosts:\n  a: {command: ""}\n', 'FILE:2:16: expected a list of words'],
    ['hosts:\n  a: {command: [""]}\n', 'FILE:2:17: expected the name of a program'],
    ['hosts:\n  a: {command: [b], address: c}\n', 'FILE:2:21: a host with a command has no address'],
    ['hosts:\n  local: {command: [b]}\n', 'FILE:2:20: local is always the daemon of this user'],
    ['hosts:\n  a: {address: "ssh://b", user: c}\n', 'taken'],
    ['hosts:\n  a..b: {}\n', 'taken'],
    ['hosts:\n  "1.2": {}\n', 'FILE:2:3: an address is needed here'],
    ['hosts:\n  a: {pin: SHA256:x}\n', 'FILE:2:12: a pin is SHA256:'],
    [
      `hosts:\n  a: {address: "unix:/s", pin: "SHA256:${'A'.repeat(43)}"}\n`,
      'FILE:2:27: only a host over TLS',
    ],
    [
      `hosts:\n  a: {address: "b#SHA256:${'A'.repeat(43)}", pin: "SHA256:${'A'.repeat(43)}"}\n`,
      'FILE:2:72: its address has a pin already',
    ],
    ['hosts:\n  a: {aliases: [b]}\n  b: {}\n', 'FILE:2:17: b is b already'],
    ['hosts:\n  a: {aliases: [x]}\n  b: {aliases: [x]}\n', 'FILE:3:17: x is a already'],
    ['hosts:\n  a: {aliases: [local]}\n', 'FILE:2:17: local is the daemon of this user already'],
    ['hosts:\n  local: {address: b}\n', 'FILE:2:20: local is always the daemon of this user'],
    ['groups:\n  g: {user: a}\n', 'FILE:2:6: hosts is missing'],
    ['groups:\n  g: {hosts: [a], host: b}\n', 'FILE:2:19: unknown setting host; did you mean hosts?'],
  ])('that says %j is told so', async (text, message) => {
    expect(await problemOf(text)).toContain(message);
  });
});

import { chmodSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDaemonConfig } from '../../../src/daemon/config.ts';
import { DAEMON_COMMAND, readDaemonOptions } from '../../../src/daemon/options.ts';
import { codeOfAsync, makeTestFolder } from '../../fixtures/auth/fixtures.ts';

const { options } = DAEMON_COMMAND;

function writeConfig(text: string): string {
  const file = path.join(makeTestFolder(), 'rexad.yaml');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

async function readText(text: string, words: readonly string[] = []) {
  return readDaemonOptions(words, await readDaemonConfig(writeConfig(text), options));
}

describe("rexad's configuration", () => {
  it('has the options of the command line under their own names', async () => {
    const text = [
      'listen: [local, "tls://0.0.0.0:7522"]',
      'authorized-keys: [/a, /b]',
      'host-key: /etc/rexa/key',
      'revoked-keys: /etc/rexa/revoked',
      'audit: /var/log/audit.jsonl',
      'log-format: json',
      'encoding: gbk',
      'json: true',
      'allow-root: true',
      'drain: 1m',
    ].join('\n');
    expect(await readText(text)).toMatchObject({
      listen: ['local', 'tls://0.0.0.0:7522'],
      login: { authorizedKeys: ['/a', '/b'], hostKeys: ['/etc/rexa/key'], revokedKeys: '/etc/rexa/revoked' },
      audit: '/var/log/audit.jsonl',
      logFormat: 'json',
      encoding: 'gbk',
      json: true,
      allowRoot: true,
      drainMs: 60_000,
    });
  });

  it.each([
    ['', { listen: ['local'], drainMs: 10_000 }],
    ['listen: local', { listen: ['local'] }],
    ['drain: 5', { drainMs: 5_000 }],
    ['json: false', { json: false }],
  ])('takes %j', async (text, read) => {
    expect(await readText(text)).toMatchObject(read);
  });

  it('counts behind the command line', async () => {
    const text = 'listen: [unix:/a, unix:/b]\ndrain: 5s\naudit: /a';
    expect(await readText(text, ['--listen', 'unix:/c', '--drain', '7s'])).toMatchObject({
      listen: ['unix:/c'],
      drainMs: 7_000,
      audit: '/a',
    });
  });

  it('takes paths from its own folder, and from the home folder', async () => {
    const file = writeConfig('audit: audit.jsonl\nauthorized-keys: [~/keys, ../keys]');
    expect(await readDaemonConfig(file, options)).toEqual({
      audit: path.join(path.dirname(file), 'audit.jsonl'),
      'authorized-keys': [path.join(os.homedir(), 'keys'), path.join(path.dirname(file), '..', 'keys')],
    });
  });

  it.each([
    ['lisen: local', '1:1: unknown setting lisen; did you mean listen?'],
    ['json: true\naudt: /x', '2:1: unknown setting audt; did you mean audit?'],
    ['config: x', '1:1: unknown setting config'],
    ['rights: restrict', '1:1: unknown setting rights'],
    ['idle-exit: 5m', '1:1: unknown setting idle-exit'],
    ['json: maybe', '1:7: expected true or false'],
    ['drain: soon', "1:8: 'soon' is not a duration"],
    ['log-format: xml', "1:13: unknown log format 'xml'; use pretty or json"],
    ['audit: [a]', '1:8: expected a text (FILE)'],
    ['audit: ""', '1:8: a file name is required'],
    ['listen:\n  - local\n  - {a: b}', '3:5: expected a text (URL)'],
    ['audit: /a\naudit: /b', '2:1: '],
    ['[local]', '1:1: expected a map'],
    ['listen: [', '1:10: '],
  ])('refuses %j, and says where', async (text, message) => {
    const file = writeConfig(text);
    await expect(readDaemonConfig(file, options)).rejects.toThrow(`${file}:${message}`);
  });

  it('has to be there, and is not believed where others may write it', async () => {
    const file = writeConfig('json: true');
    chmodSync(file, 0o666);
    expect(await codeOfAsync(() => readDaemonConfig(file, options))).toBe('AUTH_FILE_UNSAFE');
    expect(await codeOfAsync(() => readDaemonConfig(`${file}.not`, options))).toBe('CONFIG_MISSING');
  });
});

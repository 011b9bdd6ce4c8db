import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DRAIN_MS } from '../../../src/daemon/limits.ts';
import { readDaemonOptions } from '../../../src/daemon/options.ts';

describe("rexad's options", () => {
  it('listen on the own Unix socket of the user when nothing is said', () => {
    expect(readDaemonOptions([])).toMatchObject({
      listen: ['local'],
      drainMs: DEFAULT_DRAIN_MS,
      audit: null,
      logFormat: 'pretty',
      json: false,
      allowRoot: false,
      idleExitMs: null,
      login: {
        hostKeys: [],
        revokedKeys: null,
        authorizedKeys: [
          path.join(os.homedir(), '.config/rexa/authorized_keys'),
          path.join(os.homedir(), '.ssh/authorized_keys'),
        ],
      },
    });
  });

  it.each([
    [['--listen', 'unix:/a', '--listen=unix:/b'], { listen: ['unix:/a', 'unix:/b'] }],
    [['--drain', '30'], { drainMs: 30_000 }],
    [[], { action: 'serve', rights: 'full' }],
    [['--stdio'], { action: 'relay', rights: 'full' }],
    [['--stdio', '--rights', 'restrict'], { action: 'relay', rights: 'restrict' }],
    [['--drain', '0'], { drainMs: 0 }],
    [['--audit', '/var/log/rexad.jsonl'], { audit: '/var/log/rexad.jsonl' }],
    [['--log-format', 'json'], { logFormat: 'json' }],
    [['--json'], { json: true }],
    [['--encoding', 'gbk'], { encoding: 'gbk' }],
    [['--allow-root'], { allowRoot: true }],
    [['--idle-exit', '10m'], { idleExitMs: 600_000 }],
    [['--host-key', '/etc/ssh/key', '--host-key', '/b'], { login: { hostKeys: ['/etc/ssh/key', '/b'] } }],
    [['--revoked-keys', '/etc/revoked'], { login: { revokedKeys: '/etc/revoked' } }],
    [
      ['--authorized-keys', '/a', '--authorized-keys=b'],
      { login: { authorizedKeys: ['/a', path.resolve('b')] } },
    ],
  ])('read %j', (words, options) => {
    expect(readDaemonOptions(words)).toMatchObject(options);
  });

  it.each([[['--help']], [['-h', '--unheard-of']]])('see that help is asked for by %j', (words) => {
    expect(readDaemonOptions(words)).toBe('help');
  });

  it('see that the version is asked for', () => {
    expect(readDaemonOptions(['--version'])).toBe('version');
    expect(readDaemonOptions(['-V'])).toBe('version');
  });

  it.each([
    [['--lisen', 'unix:/a'], 'unknown option --lisen of rexad; did you mean --listen?'],
    [['unix:/a'], "unknown action 'unix:/a' for rexad; use status, check-config, completion"],
    [['--log-format', 'xml'], "--log-format: unknown log format 'xml'; use pretty or json"],
    [['--audit', ''], '--audit: a file name is required'],
    [['--drain', 'long'], /^--drain: 'long' is not a duration/],
    [['--idle-exit', '0'], '--idle-exit: the duration must be above 0'],
    [['--json', '--drain'], '--drain needs a value (DURATION)'],
    [['--config', ''], '--config: a file name is required'],
    [['--authorized-keys', ''], '--authorized-keys: a file name is required'],
    [['--host-certificate', '/a', '--host-certificate', '/b'], /^--host-certificate/],
    [['--resume-for', 'long'], /^--resume-for: 'long' is not a duration/],
  ])('refuse %j', (words, message) => {
    expect(() => readDaemonOptions(words)).toThrow(message);
  });
});

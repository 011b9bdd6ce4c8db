import { describe, expect, it } from 'vitest';
import type { Config } from '../../../../src/client/config/config-schema.ts';
import { resolveHostSettings } from '../../../../src/client/config/resolve-host-settings.ts';

const PIN = `SHA256:${'A'.repeat(42)}E`;

const config: Config = {
  defaults: { user: 'everybody', encoding: 'utf8', env: { LEVEL: 'defaults', A: 'defaults' }, port: 7000 },
  groups: {
    first: { hosts: ['build1', 'free'], encoding: 'gbk', env: { LEVEL: 'first', B: 'first' } },
    second: {
      hosts: ['b1'],
      encoding: 'big5',
      'connect-timeout': '2s',
      env: { LEVEL: 'second', C: 'second' },
    },
  },
  hosts: {
    build1: {
      address: 'build1.example.com',
      aliases: ['b1', 'old'],
      user: 'alice',
      pin: PIN,
      env: { LEVEL: 'host' },
    },
    socket: { address: 'unix:/run/rexa/s', agent: 'none' },
    ported: {
      address: 'tls://p:1',
      port: 2,
      identities: ['~/.ssh/k', '/k'],
      'connect-timeout': 1.5,
      agent: '/a',
    },
    local: { encoding: 'binary', escape: 'none' },
  },
};

describe('the settings of a host', () => {
  it.each([
    ['its entry before groups and defaults', 'build1', { user: 'alice' }],
    ['the first of its groups before the second', 'build1', { encoding: 'gbk' }],
    ['a group that names it by its alias', 'build1', { connectTimeoutMs: 2000 }],
    ['the same by an alias', 'old', { user: 'alice', encoding: 'gbk', connectTimeoutMs: 2000 }],
    ['a group that names a host without an entry', 'free', { user: 'everybody', encoding: 'gbk' }],
    [
      'defaults for what is not named anywhere',
      'other',
      { user: 'everybody', encoding: 'utf8', connectTimeoutMs: undefined },
    ],
    ['defaults for local', 'local', { user: 'everybody', encoding: 'binary', escape: 'none' }],
    ['a duration in seconds', 'ported', { connectTimeoutMs: 1500 }],
    ['no agent where it says none', 'socket', { agent: null }],
    ['an agent', 'ported', { agent: '/a' }],
  ])('are %s', (_what, called, expected) => {
    expect(resolveHostSettings(config, called)).toMatchObject(expected);
  });

  it('join the variables of all levels, the nearer one first', () => {
    expect(resolveHostSettings(config, 'b1').env).toEqual({
      LEVEL: 'host',
      A: 'defaults',
      B: 'first',
      C: 'second',
    });
  });

  it.each([
    ['build1', { kind: 'tls', host: 'build1.example.com', port: 7000, pin: PIN }],
    ['old', { kind: 'tls', host: 'build1.example.com', port: 7000, pin: PIN }],
    ['free', { kind: 'tls', host: 'free', port: 7000, pin: null }],
    ['other:9', { kind: 'tls', host: 'other', port: 9, pin: null }],
    ['ported', { kind: 'tls', host: 'p', port: 1, pin: null }],
    ['socket', { kind: 'unix', path: '/run/rexa/s' }],
  ])('of %s have its address', (called, address) => {
    expect(resolveHostSettings(config, called).address).toEqual(address);
  });

  it('have paths in our own home folder', () => {
    expect(resolveHostSettings(config, 'ported').identities?.[0]).toMatch(/^\/.*\/\.ssh\/k$/);
  });

  it('are none without a configuration', () => {
    expect(resolveHostSettings(null, 'build1')).toEqual({
      address: { kind: 'tls', host: 'build1', port: 7522, pin: null },
      env: {},
    });
  });

  it.each(['constructor', 'toString'])('of a host called %s are not taken from elsewhere', (called) => {
    expect(resolveHostSettings({ hosts: {} }, called).address).toMatchObject({ host: called });
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type HostOptions, planHost } from '../../../src/cli/host/host-plan.ts';
import { createMessages, PLAIN_MESSAGES } from '../../../src/cli/output/messages.ts';
import { makeUserHome } from '../../fixtures/tls/user-home.ts';

const CONFIG = `
defaults: {user: default, connect-timeout: 7s, encoding: gbk, env: {A: a}}
hosts:
  build1: {address: "b.example:1", aliases: [b1], identities: [/own], accept-new: true, agent: none}
  socket: {address: "unix:/s", env: {B: b}}
groups:
  web: {hosts: [build1, socket]}
  b1: {hosts: [socket]}
`;

async function plan(called: string, given: HostOptions = {}) {
  const home = makeUserHome();
  vi.stubEnv('REXA_CONFIG', '');
  mkdirSync(join(home.folder, '.config/rexa'), { recursive: true, mode: 0o700 });
  writeFileSync(join(home.folder, '.config/rexa/config.yaml'), CONFIG);
  return planHost(called, { mayAsk: false, ...given }, createMessages(PLAIN_MESSAGES));
}

describe('what is known of a host before it is connected to', () => {
  it.each([
    [
      'the configuration',
      'b1',
      {},
      { user: 'default', timeout: 7000, identities: ['/own'], acceptNew: true, agent: null },
    ],
    ['the user before it', 'b1', { user: 'me' }, { user: 'me' }],
    ['keys before it', 'b1', { identities: ['/given'] }, { identities: ['/given'] }],
    ['a time limit before it', 'b1', { connectTimeoutMs: 5 }, { timeout: 5 }],
    ['a stricter rule before it', 'b1', { unknownHost: 'refuse' as const }, { acceptNew: false }],
    ['how often it is looked whether it is alive', 'b1', { keepaliveMs: 5 }, { keepalive: 5 }],
    ['an agent before it', 'b1', { agent: '/agent' }, { agent: '/agent' }],
    [
      'a port before it',
      'b1',
      { port: 2 },
      { target: { kind: 'tls', host: 'b.example', port: 2, pin: null } },
    ],
    [
      'an address before it',
      'b1',
      { address: 'c' },
      { target: { kind: 'tls', host: 'c', port: 7522, pin: null } },
    ],
    [
      'no configuration at all',
      'b1',
      { config: 'none' },
      { target: { kind: 'tls', host: 'b1', port: 7522, pin: null } },
    ],
  ])('is what %s says', async (_what, called, given, expected) => {
    expect((await plan(called, given)).connect).toMatchObject(expected);
  });

  it('holds what is said of every command there', async () => {
    expect((await plan('socket')).run).toEqual({
      encoding: 'gbk',
      stdinEncoding: undefined,
      env: { A: 'a', B: 'b' },
    });
  });

  it('asks nobody anything where nobody may be asked', async () => {
    const { connect } = await plan('other');
    expect([connect.askHost, connect.passphrase]).toEqual([undefined, undefined]);
  });

  it('leaves another user to a host over TLS, and refuses one for our own sockets', async () => {
    expect((await plan('build1', { user: 'nobody-of-that-name' })).connect.user).toBe('nobody-of-that-name');
    await expect(plan('local', { user: 'nobody-of-that-name' })).rejects.toMatchObject({
      code: 'USER_REFUSED',
    });
    expect((await plan('local', { user: userInfo().username })).connect.target?.kind).toBe('local');
  });
});

describe('a name that is no host', () => {
  it('is refused where it is a group, unless a host has that name too', async () => {
    await expect(plan('web')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/^'web' is a group, and one host is needed: build1, socket; .*smoke/),
    });
    expect((await plan('b1')).connect.target).toMatchObject({ kind: 'tls', host: 'b.example' });
  });

  it.each([
    ['biuld1', "'biuld1' was taken as a host name; did you mean the host build1?"],
    ['build1', null],
    ['10.0.0.1', null],
  ])('has a suggestion where it is a slip of one: %s', async (called, expected) => {
    expect((await plan(called)).suggestion).toBe(expected);
  });
});

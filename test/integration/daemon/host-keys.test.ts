import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/connect.ts';
import type { ChangedHostKeys, ConnectOptions } from '../../../src/client/run-types.ts';
import { fixtureText } from '../../fixtures/auth/fixtures.ts';
import { startDropIn } from '../../fixtures/drop-in.ts';
import { makeUserHome, type UserHome } from '../../fixtures/tls/user-home.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const line = (name: string): string => publicLine(name).split(' ').slice(0, 2).join(' ');

/** A daemon with these keys, of which the first is served. */
async function startHost(...names: readonly string[]): Promise<TlsDaemon> {
  return startTlsDaemon({
    own: ['host-key'],
    lines: [fixtureText('keys/ecdsa256.pub')],
    prepare: (home) =>
      names.flatMap((name) => {
        writeFileSync(join(home, name), fixtureText(`keys/${name}`), { mode: 0o600 });
        return ['--host-key', join(home, name)];
      }),
  });
}

async function open({ port }: TlsDaemon, home: UserHome, options: ConnectOptions = {}): Promise<void> {
  const identities = [home.addKey('ecdsa256')];
  await using host = await connect(`tls://127.0.0.1:${port}`, { identities, ...options });
  await host.run('true');
}

/** Lines of known_hosts without their names. */
const keysOf = (home: UserHome): string[] =>
  home
    .readKnownHosts()
    .trim()
    .split('\n')
    .map((text) => text.split(' ').slice(1).join(' '));

describe('further keys of a host', () => {
  it('are learned after a login, and forgotten once the host has them no more', async () => {
    const home = makeUserHome();
    await using daemon = await startHost('ed25519', 'ecdsa384', 'rsa');
    await open(daemon, home, { acceptNew: true });
    expect(keysOf(home)).toEqual([line('ed25519'), line('ecdsa384'), line('rsa')]);
    const before = home.readKnownHosts();
    await open(daemon, home);
    expect(home.readKnownHosts()).toBe(before);
  });

  it.each<[what: string, options: ConnectOptions | ((home: UserHome) => ConnectOptions), names: string[]]>([
    ['are not learned where it is not wanted', { updateHostKeys: false }, ['ed25519']],
    [
      'are not learned in a file that somebody has chosen',
      (home) => ({ knownHosts: home.knownHosts }),
      ['ed25519'],
    ],
    [
      'in such a file where it is wanted',
      (home) => ({ knownHosts: home.knownHosts, updateHostKeys: true }),
      ['ed25519', 'ecdsa384'],
    ],
  ])('%s', async (_what, options, names) => {
    const home = makeUserHome();
    await using daemon = await startHost('ed25519', 'ecdsa384');
    await open(daemon, home, {
      acceptNew: true,
      ...(typeof options === 'function' ? options(home) : options),
    });
    expect(keysOf(home)).toEqual(names.map(line));
  });

  it('are forgotten where their algorithms are not accepted', async () => {
    const home = makeUserHome();
    await using daemon = await startHost('ed25519', 'ecdsa384', 'rsa');
    await open(daemon, home, { acceptNew: true });
    await open(daemon, home, { hostKeyAlgorithms: ['ssh-ed25519', 'ecdsa-sha2-nistp384'] });
    expect(keysOf(home)).toEqual([line('ed25519'), line('ecdsa384')]);
  });

  it('are not learned where they are revoked', async () => {
    const home = makeUserHome();
    await using daemon = await startHost('ed25519', 'ecdsa384', 'rsa');
    const revoked = join(home.folder, 'revoked');
    writeFileSync(revoked, `${line('ecdsa384')}\n`);
    await open(daemon, home, { acceptNew: true, revokedHostKeys: [revoked] });
    expect(keysOf(home)).toEqual([line('ed25519'), line('rsa')]);
  });

  it('are learned after a question only, where one is asked', async () => {
    const home = makeUserHome();
    await using daemon = await startHost('ed25519', 'ecdsa384');
    const asked: ChangedHostKeys[] = [];
    for (const answer of [false, true])
      await open(daemon, home, {
        acceptNew: true,
        updateHostKeys(update) {
          asked.push(update);
          return answer;
        },
      });
    expect(asked.map(({ added, removed }) => [added.map(({ keyType }) => keyType), removed])).toEqual([
      [['ecdsa-sha2-nistp384'], []],
      [['ecdsa-sha2-nistp384'], []],
    ]);
    expect(keysOf(home)).toEqual([line('ed25519'), line('ecdsa384')]);
  });

  it('let a host change the key that it serves', async () => {
    const home = makeUserHome();
    const first = await startHost('ed25519', 'ecdsa384');
    await open(first, home, { acceptNew: true, hostKeyAlias: 'build1' });
    await first[Symbol.asyncDispose]();
    await using second = await startHost('ecdsa384', 'rsa');
    await open(second, home, { hostKeyAlias: 'build1' });
    expect(keysOf(home)).toEqual([line('ecdsa384'), line('rsa')]);
  });

  it('are read anew by SIGHUP', async () => {
    const home = makeUserHome();
    await using daemon = await startHost('ed25519', 'ecdsa384');
    await open(daemon, home, { acceptNew: true });
    writeFileSync(join(daemon.home, 'ecdsa384'), fixtureText('keys/rsa'));
    const before = daemon.log().length;
    process.kill(daemon.pid, 'SIGHUP');
    await waitUntil('it was read', () => daemon.log().length > before);
    await open(daemon, home);
    expect(keysOf(home)).toEqual([line('ed25519'), line('rsa')]);
  });
});

describe('UpdateHostKeys of rexa ssh', () => {
  it.each([
    ['yes', 2],
    ['no', 1],
    ['ask', 2],
  ])('%s', async (mode, count) => {
    await using dropIn = await startDropIn({ prepare: (home) => ['--host-key', join(home, 'other_key')] });
    const file = join(dropIn.folder, 'known');
    const askpass = join(dropIn.folder, 'askpass');
    writeFileSync(askpass, '#!/bin/sh\necho yes\n', { mode: 0o755 });
    const words = [
      '-p',
      String(dropIn.port),
      '-o',
      `UpdateHostKeys=${mode}`,
      '-o',
      `UserKnownHostsFile=${file}`,
    ];
    const { status } = await dropIn.run(
      ['rexa', 'ssh', '-n', ...words, '-o', 'StrictHostKeyChecking=accept-new', '127.0.0.1', 'true'],
      { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' },
    );
    expect([status, readFileSync(file, 'utf8').trim().split('\n')]).toEqual([0, expect.any(Array)]);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(count);
  });
});

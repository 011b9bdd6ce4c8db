import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { connect } from '../../../src/client/connect.ts';
import { fixtureText, makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { readSettings } from '../../fixtures/ssh-config/read-settings.ts';
import { startTlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';

const KEYS = new URL('../../fixtures/auth/keys', import.meta.url).href;

/** Writes `~/.ssh/config` of a home folder. */
function writeDefault(home: string, text: string): string {
  mkdirSync(join(home, '.ssh'), { recursive: true });
  const file = join(home, '.ssh', 'config');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

describe('rexa ssh with files of ssh_config', () => {
  it('reaches the host that they name, with their environment and command', async () => {
    await using daemon = await startDaemon();
    writeDefault(
      daemon.folder,
      `Host build?\nHostName ${daemon.address}\nSetEnv A=1\nMatch host * exec "test %n = build1"\nRemoteCommand echo "$A  %n"\n`,
    );
    const env = { HOME: daemon.folder };
    const found = await runRexa(['build1'], { env });
    expect([found.status, found.stdout.toString(), found.stderr]).toEqual([0, '1  build1\n', '']);
    const given = await runRexa(['ssh', '-F', join(daemon.folder, '.ssh/config'), 'build2', 'echo $A']);
    expect([given.status, given.stdout.toString()]).toEqual([0, '1\n']);
  });

  it('exits with 255 and names each wrong line, without connecting', async () => {
    await using daemon = await startDaemon();
    const file = writeDefault(daemon.folder, 'Port 7\nHostnam x\nHost other\nPort zero\n');
    const words = ['-F', file, daemon.address, 'echo no'];
    const { status, stdout, stderr } = await runRexa(words);
    expect([status, stdout.toString(), stderr.split('\n')]).toEqual([
      255,
      '',
      [
        `rexa: ${file} line 2: Bad configuration option: hostnam`,
        expect.stringMatching(/line 4: keyword Port: 'zero' is neither a number/),
        `rexa: ${file}: terminating, 2 bad configuration options`,
        '',
      ],
    ]);
  });

  it('reads -F, then its own configuration, then the default files', async () => {
    await using daemon = await startDaemon();
    const home = daemon.folder;
    writeDefault(home, 'Host b1\nHostName default\nUser default\nConnectTimeout 7\nSendEnv X_*\n');
    const given = join(home, 'given');
    writeFileSync(given, 'User given\nHostName named\n');
    const config = join(home, 'config.yaml');
    writeFileSync(config, 'hosts: {b1: {address: "own.example:7", user: own}}\n', { mode: 0o600 });
    const ask = async (...words: readonly string[]) => {
      const { stdout } = await runRexa(['ssh', '-G', ...words], { env: { HOME: home } });
      const settings = readSettings(stdout.toString());
      return ['hostname', 'user', 'connecttimeout'].map((name) => settings.get(name));
    };
    expect(await ask('b1')).toEqual(['default', 'default', '7']);
    expect(await ask('--config', config, 'b1')).toEqual(['own.example', 'own', '7']);
    expect(await ask('--config', config, '-F', given, 'b1')).toEqual(['named', 'given', 'none']);
    expect(await ask('--config', config, '-F', 'none', 'b1')).toEqual(['own.example', 'own', 'none']);
  });

  it('names the files that it reads with -v', async () => {
    await using daemon = await startDaemon();
    const file = writeDefault(daemon.folder, 'Cipher x\n');
    const { stderr } = await runRexa(['ssh', '-v', '-F', file, daemon.address, 'true']);
    expect(stderr).toContain(`debug1: Reading configuration data ${file}\n`);
    expect(stderr).toContain(`debug1: ${file} line 1: Deprecated option "cipher"\n`);
  });
});

describe('rexa ssh --explain', () => {
  it('prints each setting with its origin, the route and the keys in their order', async () => {
    await using daemon = await startDaemon();
    const home = daemon.folder;
    const keys = join(home, 'keys');
    mkdirSync(keys);
    for (const name of ['one', 'two'])
      writeFileSync(
        join(keys, name),
        readFileSync(new URL(`${KEYS}/${name === 'one' ? 'rsa' : 'ed25519'}`)),
        {
          mode: 0o600,
        },
      );
    const file = writeDefault(
      home,
      `Host build?\n  HostName real.example\n  User ann\n  IdentityFile ${keys}/one\nMatch final\n  IdentityFile ${keys}/two\n  SetEnv A=1\n  ConnectTimeout 3\nHost build?\n  ProxyJump first,ann@second:5\n`,
    );
    const config = join(home, 'config.yaml');
    writeFileSync(config, 'defaults: {connect-timeout: 5s}\n', { mode: 0o600 });
    const words = ['ssh', '--config', config, '--explain', '-p', '7', 'build1'];
    const { status, stdout, stderr } = await runRexa(words, { env: { HOME: home, SSH_AUTH_SOCK: '' } });
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout
      .toString()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/));
    const rows = [
      ['settings of build1:'],
      ['host', 'build1', 'command line'],
      ['user', 'ann', `${file} line 3`],
      ['hostname', 'real.example', `${file} line 2`],
      ['port', '7', 'command line'],
      ['connecttimeout', '5', 'configuration of rexa'],
      ['setenv', 'A=1', `${file} line 7`],
      ['identityfile', `${keys}/one`, `${file} line 4`],
      ['identityfile', `${keys}/two`, `${file} line 6`],
      ['route:'],
      ['jump host', 'first'],
      ['jump host', 'ann@second:5'],
      ['host', 'tls://real.example:7'],
      ['keys that are offered:'],
    ];
    for (const row of rows) expect(lines).toContainEqual(row);
    const offered = lines.slice(lines.findIndex(([cell]) => cell === 'keys that are offered:') + 1);
    expect(offered.map(([type, , source]) => [type, source]).slice(0, 2)).toEqual([
      ['ssh-rsa', `${keys}/one`],
      ['ssh-ed25519', `${keys}/two`],
    ]);
  });
});

describe('hosts of ~/.ssh/config over TLS', () => {
  /** A daemon with one key, and a home folder in whose ~/.ssh/config it is the host build1. */
  async function createPair() {
    const daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    const home = makeTestFolder();
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    writeFileSync(join(home, '.ssh', 'key'), fixtureText('keys/ed25519'), { mode: 0o600 });
    writeDefault(
      home,
      `Host build?\nHostName 127.0.0.1\nPort ${daemon.port}\nIdentityFile ~/.ssh/key\nStrictHostKeyChecking accept-new\n`,
    );
    const config = join(home, 'config.yaml');
    writeFileSync(config, 'ssh-config: true\nssh-config-port: true\n', { mode: 0o600 });
    const env = {
      HOME: home,
      XDG_CONFIG_HOME: '',
      XDG_RUNTIME_DIR: '',
      SSH_AUTH_SOCK: '',
      REXA_CONFIG: config,
    };
    return { daemon, env, [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose]() };
  }

  it('are reached by rexa ssh, rexa run and the library', async () => {
    await using pair = await createPair();
    const { env } = pair;
    const told: unknown[] = [];
    for (const words of [
      ['ssh', 'build1', 'echo $SSH_CONNECTION | wc -w'],
      ['run', 'build1', '--', 'echo', 'run'],
    ]) {
      const { status, stdout } = await runRexa(words, { env });
      told.push([status, stdout.toString()]);
    }
    expect(told).toEqual([
      [0, '4\n'],
      [0, 'run\n'],
    ]);
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    await using host = await connect('build2');
    expect((await host.run('echo', ['library'])).stdout).toBe('library\n');
  });
});

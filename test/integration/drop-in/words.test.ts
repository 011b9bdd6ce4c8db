import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { readSettings } from '../../fixtures/ssh-config/read-settings.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const hasSsh = spawnSync('ssh', ['-V']).status === 0;

/** Where ssh has another default, or the same in other words. */
const OTHERWISE = [
  'kbdinteractiveauthentication',
  'passwordauthentication',
  'port',
  'identityfile',
  'userknownhostsfile',
  'enableescapecommandline',
  'stricthostkeychecking',
  'sendenv',
  'setenv',
  'serveraliveinterval',
];

describe('rexa ssh -G', () => {
  it
    .runIf(hasSsh)
    .each([
      [['host']],
      [['me@host']],
      [['-p', '2222', '-l', 'me', 'host']],
      [['-o', 'Port=1', '-p2', '-lyou', 'me@host']],
      [['ssh://me@host:77']],
      [['-4', '-6', '-n', 'host']],
      [['-T', 'host']],
      [['-o', 'RequestTTY=force', 'host']],
      [['-o', 'ConnectTimeout=1m30s', '-o', 'ConnectionAttempts 4', '-oBatchMode=yes', 'host']],
      [['-o', 'ServerAliveInterval=1m', '-o', 'ServerAliveCountMax=9', 'host']],
      [['-e', 'none', 'host']],
      [['-o', 'EscapeChar=x', 'host']],
      [['-f', 'host', 'id']],
      [['-N', 'host']],
      [['-s', 'host', 'sftp']],
      [['-o', 'StdinNull=yes', '-o', 'SessionType=none', 'host']],
      [['-o', 'HostName=real', '-o', 'IdentitiesOnly=true', 'host']],
      [['-o', 'User="a b"', '-o', "RemoteCommand=echo 'a  b'", 'host']],
      [['-o', 'LogLevel=verbose', '-o', 'AddressFamily=inet6', 'host']],
      [['-vv', 'host']],
      [['-q', 'host']],
      [['host', '-p', '9', '-n', 'uptime', '-p', '10']],
    ])('says of %j what ssh says', async (words) => {
    const ours = await runRexa(['ssh', '-F', 'none', '-G', ...words]);
    const theirs = spawnSync('ssh', ['-F', 'none', '-G', ...words], { encoding: 'utf8' });
    expect([ours.status, ours.stderr, theirs.status]).toEqual([0, '', 0]);
    // ssh has two names for that level
    const expected = readSettings(theirs.stdout.replace('loglevel SILENT', 'loglevel QUIET'));
    const found = readSettings(ours.stdout.toString());
    for (const [keyword, value] of found) {
      const isSaid =
        !OTHERWISE.includes(keyword) || words.some((word) => word.toLowerCase().includes(keyword));
      if (isSaid) expect([keyword, value]).toEqual([keyword, expected.get(keyword)]);
    }
    expect(found.get('port')).toBe(expected.get('port') === '22' ? '7522' : expected.get('port'));
  });
});

describe('rexa ssh -G, with a configuration', () => {
  it('says where an alias leads, and who goes there', async () => {
    await using daemon = await startDaemon();
    const file = join(daemon.folder, 'config.yaml');
    writeFileSync(
      file,
      'hosts: {b1: {address: "build1.example:7", user: me, identities: [/k], agent: none, connect-timeout: 5s}}\n',
      { mode: 0o600 },
    );
    const askWith = async (config: string, ...words: readonly string[]) =>
      readSettings((await runRexa(['ssh', '--config', config, '-G', ...words])).stdout.toString());
    const ask = (...words: readonly string[]) => askWith(file, ...words);
    const told = await ask('b1');
    const names = ['host', 'user', 'hostname', 'port', 'identityfile', 'identityagent', 'connecttimeout'];
    expect(names.map((name) => told.get(name))).toEqual([
      'b1',
      'me',
      'build1.example',
      '7',
      '/k',
      'none',
      '5',
    ]);
    const given = await ask('-p', '8', '-i', '/mine', 'you@b1');
    expect(names.slice(0, 5).map((name) => given.get(name))).toEqual([
      'b1',
      'you',
      'build1.example',
      '8',
      '/mine',
    ]);
    for (const none of ['none', '/dev/null']) expect((await askWith(none, 'b1')).get('hostname')).toBe('b1');
  });
});

describe('rexa ssh', () => {
  it('takes a host behind -- for a host, whatever it is called', async () => {
    const { status, stderr } = await runRexa([
      '-x',
      '-oForwardAgent=no',
      '--',
      'unix:/nobody/there.sock',
      'run',
    ]);
    expect([status, stderr]).toEqual([255, expect.stringMatching(/^rexa: unreachable: /)]);
    expect((await runRexa(['--connect-timeout', '1', '-G', '--', 'run'])).stdout.toString()).toMatch(
      /^host run\n/,
    );
  });

  it('sends what SendEnv names where the host takes it, and refuses what SetEnv sets and the host does not', async () => {
    await using daemon = await startDaemon();
    const env = { GIT_PROTOCOL: 'version=2', LD_PRELOAD: '', BASH_ENV: '/dev/null' };
    const line = 'echo "$GIT_PROTOCOL|$BASH_ENV|$A|$B"';
    const words = ['-o', 'SendEnv=GIT_* BASH_ENV LD_*', '-o', 'SetEnv=A=1 "B=2 3"'];
    const sent = await runRexa(['ssh', ...words, daemon.address, line], { env });
    expect([sent.status, sent.stdout.toString(), sent.stderr]).toEqual([0, 'version=2||1|2 3\n', '']);
    const set = await runRexa(['ssh', '-o', 'SetEnv=BASH_ENV=x', daemon.address, line]);
    expect([set.status, set.stderr]).toEqual([
      255,
      expect.stringMatching(/^rexa: denied: .*BASH_ENV is refused/),
    ]);
  });

  it('appends what it has to say to the file of -E, and says nothing on stderr', async () => {
    await using daemon = await startDaemon();
    const file = join(daemon.folder, 'messages');
    writeFileSync(file, 'before\n');
    const { stderr } = await runRexa(['ssh', '-X', '-E', file, daemon.address, 'kill -9 $$']);
    expect(stderr).toBe('');
    expect(readFileSync(file, 'utf8')).toBe(
      'before\nrexa: X11 forwarding is not supported\nrexa: the command was ended by SIGKILL\n',
    );
    const none = await runRexa(['ssh', '-E', '/nowhere/file', daemon.address, 'id']);
    expect([none.status, none.stderr]).toEqual([255, expect.stringMatching(/^rexa: -E: .*\/nowhere\/file/)]);
  });

  it.each([
    ['-o LogLevel=ERROR', ['-o', 'LogLevel=ERROR', '-A'], /^$/],
    ['-o LogLevel=DEBUG', ['-o', 'LogLevel=DEBUG'], /^rexa: debug1: /],
    ['-q before LogLevel', ['-o', 'LogLevel=DEBUG', '-q'], /^$/],
  ])('says as much as %s asks for', async (_, words, expected) => {
    await using daemon = await startDaemon();
    expect((await runRexa(['ssh', ...words, daemon.address, 'true'])).stderr).toMatch(expected);
  });

  it('runs the sftp subsystem with -s, byte for byte', async () => {
    await using daemon = await startDaemon();
    const { child, exit, untilStdout } = startRexa(['ssh', '-s', '--', daemon.address, 'sftp']);
    // SSH_FXP_INIT, version 3: the answer is SSH_FXP_VERSION. At the end of its stdin the server leaves at once.
    child.stdin?.write(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]));
    await untilStdout('\x02\0\0\0\x03');
    child.stdin?.end();
    expect((await exit).status).toBe(0);
  });

  it('names a subsystem that is not there', async () => {
    await using daemon = await startDaemon();
    const { status, stderr } = await runRexa(['ssh', '-s', daemon.address, 'netconf']);
    expect([status, stderr]).toEqual([
      255,
      'rexa: not started: no subsystem netconf on this host: there is sftp\n',
    ]);
  });

  it('runs nothing with -N, and stays until a signal', async () => {
    await using daemon = await startDaemon();
    const { child, exit, untilStderr } = startRexa(['ssh', '-v', '-N', daemon.address, 'exit 7']);
    await untilStderr('nothing is run');
    child.kill('SIGTERM');
    expect((await exit).status).toBe(143);
  });

  it('ends with 255 when the host goes away from -N', async () => {
    await using daemon = await startDaemon();
    const { exit, untilStderr } = startRexa(['ssh', '-v', '-N', daemon.address]);
    await untilStderr('nothing is run');
    await daemon.stop();
    expect((await exit).status).toBe(255);
  });

  it('goes into the background with -f once it is let in, and goes on there', async () => {
    await using daemon = await startDaemon();
    const [go, done] = [join(daemon.folder, 'go'), join(daemon.folder, 'done')];
    const line = `until [ -e ${go} ]; do sleep 0.02; done; echo "$REXA_BACKGROUND_DESCRIPTOR" >${done}`;
    const words = ['ssh', '-f', '-o', 'SendEnv=*', daemon.address, line];
    // Its stdout stays with the process that goes on: only the exit is waited for
    const { child } = startRexa(words, { stdio: ['ignore', 'ignore', 'pipe'] });
    const status = await new Promise((resolve) => {
      child.once('exit', resolve);
    });
    expect([status, existsSync(done)]).toEqual([0, false]);
    writeFileSync(go, '');
    await waitUntil('the command behind has ended', () => existsSync(done) && readFileSync(done).length > 0);
    expect(readFileSync(done, 'utf8')).toBe('\n');
  });

  it('ends with -f the one that is to stay behind, too, when it is ended before that is let in', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const { child, exit } = startRexa(['ssh', '-f', '-p', String(port), '127.0.0.1', 'true']);
    await once(silent, 'connection');
    child.kill('SIGTERM');
    // Not before both have closed their stderr
    expect((await exit).status).toBe(143);
    silent.close();
  });

  it('stays in the foreground with -f where it is not let in, and says why', async () => {
    const { status, stderr } = await runRexa(['ssh', '-f', 'unix:/nobody/there.sock', 'id']);
    expect([status, stderr]).toEqual([255, expect.stringMatching(/^rexa: unreachable: /)]);
  });
});

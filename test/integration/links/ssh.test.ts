import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sshd, startSshd } from '../../../scripts/bench/sshd.ts';
import { connect } from '../../../src/client/index.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { makeRelayHome } from '../../fixtures/relay-home.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { makeSshKeys } from '../../fixtures/ssh-keys.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const OWN_PATH = process.env['PATH'];
const home = makeRelayHome();
let sshd: Sshd | null = null;

/** An sshd of our own, and an `ssh` that knows it as `box`. */
beforeAll(async () => {
  const keys = makeSshKeys(home.folder);
  keys.make('host');
  keys.make('user');
  const bin = join(home.folder, 'bin');
  mkdirSync(bin);
  const write = (name: string, text: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  // What a client asks for is run as sshd would, in a home of its own
  write('shell', `PATH=${bin}:$PATH; export PATH; exec sh -c "$SSH_ORIGINAL_COMMAND"`);
  write('rexad', `[ "$1" = --stdio ] && shift; exec ${home.line()} "$@"`);
  write(
    'ssh',
    `echo $$ >> ${join(home.folder, 'pids')}; exec /usr/bin/ssh -F ${join(home.folder, 'config')} "$@"`,
  );
  writeFileSync(join(home.folder, 'authorized'), `command="${join(bin, 'shell')}" ${keys.line('user')}\n`);
  sshd = await startSshd(join(home.folder, 'host'), join(home.folder, 'authorized'));
  const config = [
    'Host box',
    'HostName 127.0.0.1',
    `Port ${sshd?.port}`,
    `User ${userInfo().username}`,
    `IdentityFile ${join(home.folder, 'user')}`,
    'IdentitiesOnly yes',
    'StrictHostKeyChecking accept-new',
    `UserKnownHostsFile ${join(home.folder, 'known')}`,
    'RemoteCommand echo in the way',
  ];
  writeFileSync(join(home.folder, 'config'), `${config.join('\n')}\n`);
  process.env['PATH'] = `${bin}:${OWN_PATH}`;
});
afterAll(async () => {
  process.env['PATH'] = OWN_PATH;
  await sshd?.[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const pids = (): number[] => readFileSync(join(home.folder, 'pids'), 'utf8').trim().split('\n').map(Number);

describe.runIf(existsSync('/usr/sbin/sshd'))('a host behind a real sshd', () => {
  it('runs commands with their exact arguments, and leaves no ssh behind', async () => {
    const run = await runRexa(['run', 'ssh://box', '--', 'printf', '%s|', 'a  b', "c'd", '$HOME']);
    expect([run.status, run.stdout.toString()]).toEqual([0, "a  b|c'd|$HOME|"]);
    await waitUntil('ssh has ended', () => pids().every((pid) => !isAlive(pid)));
  });

  it('goes on behind another ssh when one is killed in the middle of a run', async () => {
    await using host = await connect('ssh://box');
    const run = host.run('sh', ['-c', 'echo one; read line; echo "$line"; exit 7'], {
      stdin: 'pipe',
      reject: false,
    });
    await new Promise((resolve) => run.stdout.once('data', resolve));
    process.kill(pids().at(-1) ?? 0, 'SIGKILL');
    run.stdin?.end('two\n');
    expect(await run).toMatchObject({ outcome: 'exited', exitCode: 7, stdout: 'one\ntwo\n', resumed: 1 });
  });

  it('is named in the log of its daemon by what sshd said of the client', async () => {
    await using host = await connect('ssh://box');
    await host.ping();
    expect(home.log()).toMatch(/connection relayed .*"SSH_CONNECTION":"127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+"/);
  });

  it('is unreachable, with what ssh says, where it lets nobody in', async () => {
    await expect(connect('ssh://nobody-else@box')).rejects.toMatchObject({
      code: 'PROGRAM_ENDED',
      message: expect.stringMatching(/ssh ended with status 255 .*Permission denied/) as string,
    });
  });
});

const NOBODY = 65_534;
const mayBecome = (): boolean =>
  spawnSync('sudo', ['-n', '-u', 'nobody', 'test', '-x', process.execPath]).status === 0;

describe.runIf(process.getuid?.() === 0 && mayBecome())('a host behind sudo', () => {
  it("is the daemon of the user that sudo becomes, with that user's name for the caller in its log", async () => {
    await using theirs = makeRelayHome('/tmp');
    chownSync(theirs.folder, NOBODY, NOBODY);
    await using host = await connect(`exec:sudo -n -u nobody ${theirs.line()}`);
    expect((await host.run('id', ['-u'], { cwd: '/' })).stdout).toBe(`${NOBODY}\n`);
    expect(theirs.log()).toContain('"SUDO_USER":"root"');
  });
});

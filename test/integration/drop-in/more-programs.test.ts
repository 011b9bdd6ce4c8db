import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureText } from '../../fixtures/auth/fixtures.ts';
import { type DropIn, hasProgram, startDropIn } from '../../fixtures/drop-in.ts';

const ACCOUNT = userInfo().username;

/** Where ssh-copy-id writes on the host, which is not to be the home folder of whoever runs the tests. */
const hostHome = mkdtempSync(join(tmpdir(), 'rexa-host-'));
let host: DropIn;
let asSsh: Readonly<Record<string, string>>;
beforeAll(async () => {
  host = await startDropIn({ keyOptions: `environment="HOME=${hostHome}"` });
  const programs = join(host.folder, 'as-ssh');
  mkdirSync(programs);
  writeFileSync(join(programs, 'ssh'), `#!/bin/sh\nexec '${host.rexaSsh}' -p ${host.port} "$@"\n`, {
    mode: 0o755,
  });
  asSsh = { PATH: `${programs}:${process.env['PATH'] ?? ''}` };
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(hostHome, { recursive: true, force: true });
});

function canMount(): boolean {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return hasProgram('sshfs') && hasProgram('fusermount3');
  } catch {
    return false;
  }
}

describe('programs that call ssh', () => {
  it.runIf(hasProgram('pdsh'))('pdsh runs a command on its hosts, and tells a failure', async () => {
    const words = ['pdsh', '-R', 'ssh', '-S', '-w', '127.0.0.1', 'echo "a  b"; exit 3'];
    expect(await host.run(words, asSsh)).toMatchObject({
      status: 3,
      stdout: '127.0.0.1: a  b\n',
      stderr: expect.stringContaining('exited with exit code 3') as string,
    });
  });

  it.runIf(hasProgram('clush'))('clush runs a command on its hosts, and tells a failure', async () => {
    const words = ['clush', '-S', '-w', '127.0.0.1', 'echo "a  b"; exit 3'];
    const { status, stdout } = await host.run(words, asSsh);
    expect([status, stdout]).toEqual([3, '127.0.0.1: a  b\n']);
  });

  it.runIf(hasProgram('borg'))('borg keeps an archive on a host, and restores it', async () => {
    const env = { ...asSsh, BORG_BASE_DIR: join(host.folder, 'borg'), BORG_PASSPHRASE: 'secret' };
    const repository = `ssh://127.0.0.1${host.folder}/archives`;
    const borg = async (...words: string[]) =>
      expect(await host.run(['borg', ...words], env)).toMatchObject({ status: 0 });
    writeFileSync(join(host.folder, 'kept'), 'kept by borg\n');
    await borg('init', '-e', 'repokey', repository);
    await borg('create', `${repository}::one`, 'kept');
    await borg('check', repository);
    rmSync(join(host.folder, 'kept'));
    await borg('extract', `${repository}::one`);
    expect(readFileSync(join(host.folder, 'kept'), 'utf8')).toBe('kept by borg\n');
  });

  it.runIf(hasProgram('restic'))('restic keeps a snapshot on a host, and restores it', async () => {
    const env = { ...asSsh, RESTIC_PASSWORD: 'secret', RESTIC_CACHE_DIR: join(host.folder, 'cache') };
    const restic = async (...words: string[]) =>
      expect(
        await host.run(['restic', '-q', '-r', `sftp:127.0.0.1:${host.folder}/snapshots`, ...words], env),
      ).toMatchObject({ status: 0 });
    writeFileSync(join(host.folder, 'saved'), 'saved by restic\n');
    await restic('init');
    await restic('backup', 'saved');
    await restic('restore', 'latest', '--target', 'restored');
    expect(readFileSync(join(host.folder, 'restored/saved'), 'utf8')).toBe('saved by restic\n');
  });

  it.runIf(hasProgram('svn'))('svn checks out and commits over svn+ssh', async () => {
    const repository = join(host.folder, 'repository');
    const svn = (...words: string[]) => host.run(['svn', '--non-interactive', ...words], asSsh);
    expect((await host.run(['svnadmin', 'create', repository])).status).toBe(0);
    expect(await svn('checkout', '-q', `svn+ssh://${ACCOUNT}@127.0.0.1${repository}`, 'copy')).toMatchObject({
      status: 0,
      stderr: '',
    });
    writeFileSync(join(host.folder, 'copy/中文'), 'text\n');
    expect((await svn('add', '-q', 'copy/中文')).stderr).toBe('');
    expect(await svn('commit', '-q', '-m', 'first', 'copy')).toMatchObject({ status: 0, stderr: '' });
    expect((await svn('cat', `svn+ssh://127.0.0.1${repository}/中文`)).stdout).toBe('text\n');
  });

  it('ssh-copy-id puts a key where the host lets it in', async () => {
    const key = join(host.folder, 'new.pub');
    writeFileSync(key, fixtureText('keys/rsa.pub'));
    const { status, stderr } = await host.run(['ssh-copy-id', '-f', '-i', key, '127.0.0.1'], asSsh);
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('ERROR')]);
    expect(readFileSync(join(hostHome, '.ssh/authorized_keys'), 'utf8')).toBe(fixtureText('keys/rsa.pub'));
  });

  it('check_by_ssh finds the output and the status of its commands by the options that it gives', async () => {
    const options = ['-2', '-4', '-q', '-l', ACCOUNT, '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10'];
    const one = await host.run(['ssh', ...options, '127.0.0.1', 'echo "DISK OK"; exit 1'], asSsh);
    expect(one).toEqual({ status: 1, stdout: 'DISK OK\n', stderr: '' });
    const line = 'echo one;echo STATUS CODE: $?;false;echo STATUS CODE: $?;';
    const several = await host.run(['ssh', ...options, '127.0.0.1', line], asSsh);
    expect(several.stdout).toBe('one\nSTATUS CODE: 0\nSTATUS CODE: 1\n');
    const refused = await host.run([host.rexaSsh, ...options, '-p', '1', '127.0.0.1', 'true']);
    expect(refused).toEqual({ status: 255, stdout: '', stderr: '' });
  });

  it.runIf(canMount())('sshfs mounts a folder of the host', async (context) => {
    const [folder, place] = ['files', 'mounted'].map((name) => join(host.folder, name)) as [string, string];
    for (const each of [folder, place]) mkdirSync(each);
    writeFileSync(join(folder, 'there'), 'on the host\n');
    const mounted = await host.run(['sshfs', `${ACCOUNT}@127.0.0.1:${folder}`, place], asSsh);
    // Without the right to mount, as in many containers, nothing was asked of ssh
    if (/fusermount3?: mount failed|Operation not permitted/.test(mounted.stderr)) return context.skip();
    try {
      expect(mounted).toMatchObject({ status: 0 });
      expect(readFileSync(join(place, 'there'), 'utf8')).toBe('on the host\n');
      writeFileSync(join(place, 'new'), 'from here\n');
    } finally {
      spawnSync('fusermount3', ['-u', place]);
    }
    expect(readFileSync(join(folder, 'new'), 'utf8')).toBe('from here\n');
  });
});

import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { type DropIn, startDropIn } from '../../fixtures/drop-in.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';

const hasKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;
const rexaSsh = ({ port }: DropIn, ...words: readonly string[]): readonly string[] => [
  'rexa',
  'ssh',
  '-p',
  String(port),
  ...words,
];

describe('rexa ssh, for programs that call ssh', () => {
  it.each([[['ssh', '-V']], [['ssh', '-V', 'host']], [['-V', 'host']]])(
    '%j says on stderr what it is compatible with',
    async (words) => {
      const { status, stdout, stderr } = await runRexa(words);
      expect([status, stdout.toString(), stderr]).toEqual([
        0,
        '',
        expect.stringMatching(/^OpenSSH_\d+\.\d+\S* compatible, rexa \d/),
      ]);
    },
  );

  it.each([
    [['-O', 'check', '-S', '/nowhere/s'], 'Control socket connect(/nowhere/s): No such file or directory'],
    [
      ['-O', 'exit', '-o', 'ControlPath=/nowhere/s'],
      'Control socket connect(/nowhere/s): No such file or directory',
    ],
    [['-O', 'check'], 'no ControlPath was specified for the -O command'],
  ])('%j ends with 255 and starts nothing', async (words, message) => {
    const { status, stderr } = await runRexa(['ssh', ...words, 'unix:/nobody/there.sock']);
    expect([status, stderr]).toEqual([255, expect.stringContaining(message)]);
  });

  it('expands the tokens of paths and of RemoteCommand for -G', async () => {
    const words = [
      '-o',
      'IdentityAgent=%d/x',
      '-o',
      'UserKnownHostsFile=%d/kh-%n',
      '-o',
      'RemoteCommand=echo %h',
    ];
    const { stdout } = await runRexa(['ssh', '-F', 'none', '-G', ...words, '-o', 'HostName=%h.x', 'h'], {
      env: { HOME: '/home/me' },
    });
    const lines = stdout.toString().split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'hostname h.x',
        'identityagent /home/me/x',
        'userknownhostsfile /home/me/kh-h',
        'remotecommand echo h.x',
        'identityfile /home/me/.ssh/id_ed25519',
      ]),
    );
  });

  it('expands the tokens of RemoteCommand for the host', async () => {
    await using daemon = await startDaemon();
    const words = ['-T', '-o', 'RemoteCommand=echo %n %%', daemon.address];
    expect((await runRexa(['ssh', ...words])).stdout.toString()).toBe(`${daemon.address} %\n`);
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('says nothing when its parent ends it by %s', async (signal) => {
    await using daemon = await startDaemon();
    const { child, exit, untilStdout } = startRexa(['ssh', '-q', daemon.address, 'echo ready; sleep 60']);
    await untilStdout('ready\n');
    child.kill(signal);
    expect(await exit).toMatchObject({ status: signal === 'SIGTERM' ? 143 : 129, stderr: '' });
  });

  it('runs LocalCommand where it is permitted, once it is logged in', async () => {
    await using daemon = await startDaemon();
    const mark = join(daemon.folder, 'mark');
    const command = ['-o', `LocalCommand=echo %n >'${mark}'`];
    await runRexa(['ssh', ...command, daemon.address, 'true']);
    const run = await runRexa([
      'ssh',
      '-o',
      'PermitLocalCommand=yes',
      ...command,
      daemon.address,
      `cat '${mark}'`,
    ]);
    expect([run.status, run.stdout.toString()]).toEqual([0, `${daemon.address}\n`]);
  });
});

describe('rexa ssh, over the network', () => {
  it('knows a host by HostKeyAlias', async () => {
    await using host = await startDropIn();
    const known = join(host.folder, 'kh');
    const files = [
      '-o',
      'HashKnownHosts=no',
      '-o',
      `UserKnownHostsFile=${known}`,
      '-o',
      'HostKeyAlias=cluster',
    ];
    const learn = ['-o', 'StrictHostKeyChecking=accept-new'];
    expect(await host.run(rexaSsh(host, ...files, ...learn, '127.0.0.1', 'true'))).toMatchObject({
      status: 0,
    });
    expect(readFileSync(known, 'utf8')).toMatch(/^\[?cluster\b/);
    const strict = ['-o', 'StrictHostKeyChecking=yes'];
    expect(await host.run(rexaSsh(host, ...files, ...strict, '127.0.0.1', 'true'))).toMatchObject({
      status: 0,
    });
    const other = ['-o', 'HostKeyAlias=other', '-o', `UserKnownHostsFile=${known}`, ...strict];
    expect(await host.run(rexaSsh(host, ...other, '127.0.0.1', 'true'))).toMatchObject({ status: 255 });
  });

  it.runIf(hasKeygen)('logs in by a certificate of CertificateFile', async () => {
    await using host = await startDropIn();
    const [authority, key] = [join(host.folder, 'ca'), join(host.folder, 'key')];
    for (const file of [authority, key])
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    const account = spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim();
    spawnSync('ssh-keygen', ['-q', '-s', authority, '-I', 'me', '-n', account, `${key}.pub`]);
    const certificate = join(host.folder, 'elsewhere-cert.pub');
    copyFileSync(`${key}-cert.pub`, certificate);
    spawnSync('rm', [`${key}-cert.pub`]);
    appendFileSync(host.daemon.keysFile, `cert-authority ${readFileSync(`${authority}.pub`, 'utf8')}`);
    const only = ['-o', 'IdentitiesOnly=yes', '-i', key];
    expect(await host.run(rexaSsh(host, ...only, '127.0.0.1', 'true'))).toMatchObject({ status: 255 });
    const words = [...only, '-o', `CertificateFile=${certificate}`];
    expect(await host.run(rexaSsh(host, ...words, '127.0.0.1', 'echo in'))).toEqual({
      status: 0,
      stdout: 'in\n',
      stderr: '',
    });
  });

  it.runIf(hasKeygen)('asks SSH_ASKPASS for a passphrase where that is required', async () => {
    await using host = await startDropIn();
    const key = join(host.folder, 'locked');
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open sesame', '-a', '1', '-f', key]);
    appendFileSync(host.daemon.keysFile, readFileSync(`${key}.pub`, 'utf8'));
    const askpass = join(host.folder, 'askpass');
    const asked = join(host.folder, 'asked');
    writeFileSync(askpass, `#!/bin/sh\necho "$1" >'${asked}'\necho 'open sesame'\n`, { mode: 0o755 });
    const env = { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' };
    const words = ['-i', key, '-o', 'IdentitiesOnly=yes', '127.0.0.1', 'echo in'];
    expect(await host.run(rexaSsh(host, ...words), env)).toMatchObject({ status: 0, stdout: 'in\n' });
    expect(readFileSync(asked, 'utf8')).toContain(key);
    expect(await host.run(rexaSsh(host, '-o', 'BatchMode=yes', ...words), env)).toMatchObject({
      status: 255,
    });
  });

  it.runIf(hasKeygen)(
    'says `Permission denied (publickey)`, which keys it offered, and what to do',
    async () => {
      await using host = await startDropIn();
      const key = join(host.folder, 'stranger');
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      const words = ['-i', key, '-o', 'IdentitiesOnly=yes', '127.0.0.1', 'true'];
      const { status, stderr } = await host.run(rexaSsh(host, ...words));
      expect([status, stderr]).toEqual([255, expect.stringContaining('Permission denied (publickey)')]);
      expect(stderr).toContain(`(${key})`);
      expect(stderr).toContain('rexa keys authorize');
    },
  );

  it('tells a name without an IPv6 address from one that nobody knows', async () => {
    const names = readFileSync('/etc/hosts', 'utf8').matchAll(/^(\S+)\s+(.*)$/gm);
    const families = new Map<string, Set<number>>();
    for (const [, address = '', list = ''] of names) {
      for (const name of list.split(/\s+/)) {
        families.set(name, (families.get(name) ?? new Set()).add(address.includes(':') ? 6 : 4));
      }
    }
    const name = [...families].find(([, found]) => found.has(4) && !found.has(6))?.[0];
    if (name === undefined) return;
    const { stderr } = await runRexa(['ssh', '-6', '-p', '1', name, 'true']);
    expect(stderr).toContain(`no IPv6 address for ${name}`);
  });
});

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startSshAgent } from '../../fixtures/auth/agents.ts';
import { startChaosProxy } from '../../fixtures/chaos-proxy.ts';
import type { ProgramExit } from '../../fixtures/drop-in.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { countLogins, PERSIST, pidOf, startShared } from '../../fixtures/share/shared-drop-in.ts';
import { startSocketServer } from '../../fixtures/socket-server.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

describe('a shared connection', () => {
  it('is kept by a process in the background for later calls, each with its own outcome', async () => {
    const { dropIn, path, ssh, at, control } = await startShared();
    const before = countLogins(dropIn);
    expect(await ssh([...PERSIST, '127.0.0.1', 'echo first; echo error >&2; exit 3'])).toEqual({
      status: 3,
      stdout: 'first\n',
      stderr: 'error\n',
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const pid = await pidOf(control);
    expect(await at('echo second; exit 4')).toMatchObject({ status: 4, stdout: 'second\n', stderr: '' });
    expect(
      (await Promise.all([1, 2, 3].map((each) => at(`echo ${each}`)))).map(({ stdout }) => stdout),
    ).toEqual(['1\n', '2\n', '3\n']);
    expect(countLogins(dropIn) - before).toBe(1);
    expect(await control('exit')).toEqual({ status: 0, stdout: '', stderr: 'rexa: Exit request sent.\n' });
    await waitUntil('the process has ended', () => !isAlive(pid));
    expect(existsSync(path)).toBe(false);
  });

  it('passes stdin, large output and terminals through', async () => {
    const { dropIn, path, ssh } = await startShared();
    await ssh([...PERSIST, '127.0.0.1', 'true']);
    const file = join(dropIn.folder, 'data');
    writeFileSync(file, Buffer.alloc(3_000_000, 'some bytes '));
    const hash = createHash('sha256').update(Buffer.alloc(3_000_000, 'some bytes ')).digest('hex');
    const line = `rexa ssh -S ${path} -p ${dropIn.port} 127.0.0.1 'cat; head -c 5000000 /dev/zero' < ${file} | head -c 3000000 | sha256sum`;
    expect((await dropIn.run(['sh', '-c', line])).stdout).toBe(`${hash}  -\n`);
    const { stdout } = await ssh(['-tt', '127.0.0.1', 'tty; stty size; exit 5']);
    expect(stdout).toMatch(/^\/dev\/pts\/\d+\r\n/);
  });

  it('ends after ControlPersist, and leaves neither process nor socket', async () => {
    const { path, ssh, control } = await startShared();
    await ssh(['-o', 'ControlMaster=auto', '-o', 'ControlPersist=1', '127.0.0.1', 'true']);
    const pid = await pidOf(control);
    expect(pid).toBeGreaterThan(0);
    await waitUntil('the process has ended', () => !isAlive(pid));
    expect(existsSync(path)).toBe(false);
  });

  it('ends for all with its host: what was asked for is lost', async () => {
    const { dropIn, ssh, at, control } = await startShared();
    await ssh([
      ...PERSIST,
      '-o',
      'ServerAliveInterval=1',
      '-o',
      'ServerAliveCountMax=1',
      '127.0.0.1',
      'true',
    ]);
    const pid = await pidOf(control);
    const running = at('echo begun; sleep 1000');
    await dropIn.daemon.untilLogged('sleep 1000');
    await dropIn.daemon.stop('SIGKILL');
    expect((await running).status).toBe(255);
    await waitUntil('the process has ended', () => !isAlive(pid));
  });

  it('survives cuts of its connection with all who use it', async () => {
    const { dropIn, path } = await startShared();
    await using proxy = await startChaosProxy({ host: '127.0.0.1', port: dropIn.port }, 'tcp', 1);
    const { port } = proxy.place as { port: number };
    const trust = ['-o', 'HostKeyAlias=build1', '-o', 'StrictHostKeyChecking=accept-new'];
    const words = ['rexa', 'ssh', '-n', '-q', '-S', path, '-p', String(port), ...trust];
    await dropIn.run([...words, ...PERSIST, '127.0.0.1', 'true']);
    proxy.setRules({ cutAfterBytes: [1, 200_000], cuts: 8 });
    proxy.cutAll();
    const line = 'head -c 2000000 /dev/zero | tr "\\0" x';
    const all = await Promise.all([1, 2].map(() => dropIn.run([...words, '127.0.0.1', line])));
    for (const { status, stdout } of all)
      expect([status, stdout === 'x'.repeat(2_000_000)]).toEqual([0, true]);
    expect(proxy.cut).toBeGreaterThan(1);
    await dropIn.run([...words, '-O', 'exit', '127.0.0.1']);
  });

  it('is not used for another user, key or way, which connect by themselves', async () => {
    const { dropIn, ssh, path } = await startShared();
    await ssh([...PERSIST, '127.0.0.1', 'true']);
    const before = countLogins(dropIn);
    const other = await ssh([
      '-o',
      'IdentitiesOnly=yes',
      '-i',
      join(dropIn.folder, 'home/.ssh/id_ed25519'),
      '127.0.0.1',
      'echo own',
    ]);
    expect(other).toMatchObject({
      status: 0,
      stdout: 'own\n',
      stderr: 'rexa: the shared connection cannot be used: it is another host, user, key or way\n',
    });
    expect(countLogins(dropIn) - before).toBe(1);
    expect(existsSync(path)).toBe(true);
  });

  it('is replaced when its process was killed', async () => {
    const { dropIn, ssh, at, control, path } = await startShared();
    await ssh([...PERSIST, '127.0.0.1', 'true']);
    process.kill(await pidOf(control), 'SIGKILL');
    await waitUntil('nobody listens', async () => (await control('check')).status === 255);
    expect(existsSync(path)).toBe(true);
    const before = countLogins(dropIn);
    expect(await at('echo alone')).toMatchObject({ status: 0, stdout: 'alone\n', stderr: '' });
    expect(await ssh([...PERSIST, '127.0.0.1', 'echo again'])).toMatchObject({
      status: 0,
      stdout: 'again\n',
      stderr: '',
    });
    expect(countLogins(dropIn) - before).toBe(2);
    expect(await control('check')).toMatchObject({ status: 0 });
  });

  it('whose process is killed loses what was asked of it', async () => {
    const { dropIn, ssh, at, control } = await startShared();
    await ssh([...PERSIST, '127.0.0.1', 'true']);
    const running = at('echo begun; sleep 1000');
    await dropIn.daemon.untilLogged('sleep 1000');
    process.kill(await pidOf(control), 'SIGKILL');
    const { status, stderr } = await running;
    expect([status, stderr]).toEqual([255, expect.stringMatching(/lost/)]);
  });

  it('forwards ports of each call, and those of -O forward until -O cancel', async () => {
    const { ssh, control } = await startShared();
    const server = await startSocketServer((socket) => socket.end('served'));
    await ssh([...PERSIST, '127.0.0.1', 'true']);
    const { status, stdout } = await control('forward', '-R', `0:127.0.0.1:${server.port}`);
    expect(status).toBe(0);
    const port = stdout.trim();
    const read = `exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3`;
    expect((await ssh(['127.0.0.1', `bash -c '${read}'`])).stdout).toBe('served');
    expect(await control('cancel', '-R', `0:127.0.0.1:${server.port}`)).toMatchObject({ status: 0 });
    expect((await ssh(['127.0.0.1', `bash -c '${read}'`])).status).not.toBe(0);
    const taken = await control('forward', '-L', `${server.port}:127.0.0.1:1`);
    expect(taken).toMatchObject({ status: 255, stderr: expect.stringContaining('Address already in use') });
    const own = await ssh(['-v', '-R', `0:127.0.0.1:${server.port}`, '127.0.0.1', 'echo up']);
    expect(own).toMatchObject({ status: 0, stdout: 'up\n' });
    expect(own.stderr).toMatch(/Allocated port \d+/);
  });

  it('forwards the agent of each call', async () => {
    const { ssh } = await startShared();
    await ssh([...PERSIST, '127.0.0.1', 'true']);
    const agent = await startSshAgent([{ key: 'ecdsa256' }]);
    const own = ['-o', 'ForwardAgent=$OTHER'];
    const { stdout } = await ssh([...own, '127.0.0.1', 'ssh-add -l'], { OTHER: agent });
    expect(stdout).toMatch(/\(ECDSA\)\n$/);
    expect((await ssh(['127.0.0.1', 'echo "[$SSH_AUTH_SOCK]"'])).stdout).toBe('[]\n');
  });

  it('of a call without ControlPersist lasts until all who use it have ended', async () => {
    const { dropIn, path, ssh, at } = await startShared();
    const mark = join(dropIn.folder, 'mark');
    const first = ssh(['-M', '127.0.0.1', `touch ${mark}.1; until [ -e ${mark}.2 ]; do sleep 0.05; done`]);
    await waitUntil('the first is there', () => existsSync(`${mark}.1`) && existsSync(path));
    const second = at(`touch ${mark}.2; until [ -e ${mark}.3 ]; do sleep 0.05; done; echo end`);
    await waitUntil('the second is there', () => existsSync(`${mark}.2`));
    writeFileSync(`${mark}.3`, '');
    expect(await second).toMatchObject({ status: 0, stdout: 'end\n' });
    expect(await first).toMatchObject({ status: 0 });
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['run', 'rexa run $F build1 -- cat'],
    ['shell', 'rexa shell $F build1'],
    ['cp', 'rexa cp $F - build1:$PLACE'],
  ])('of rexa %s as the first call lasts until all who use it have ended', async (_, command) => {
    const { dropIn, path } = await startShared();
    const config = join(dropIn.folder, 'config.yaml');
    writeFileSync(config, `ssh-config: true\nssh-config-port: true\n`, { mode: 0o600 });
    const lines = ['HostName 127.0.0.1', `Port ${dropIn.port}`, 'ControlMaster auto', `ControlPath ${path}`];
    const home = join(dropIn.folder, 'home');
    writeFileSync(join(home, '.ssh/config'), `Host build1\n${lines.join('\n')}\n`, { mode: 0o600 });
    const mark = join(dropIn.folder, 'mark');
    const line = `(echo true; until [ -e ${mark} ]; do sleep 0.05; done; echo true) | ${command}`;
    const first = dropIn.run(['sh', '-c', line], { F: `-F ${config}`, PLACE: `${mark}.copied` });
    await waitUntil('it is shared', () => existsSync(path));
    // The first command ends at its mark
    const other = `touch ${mark}; sleep 3; echo end`;
    const second = dropIn.run(['rexa', 'ssh', '-n', '--config', config, 'build1', other]);
    expect(await second).toMatchObject({ status: 0, stdout: 'end\n' });
    expect(await first).toMatchObject({ status: 0 });
    expect(existsSync(path)).toBe(false);
  });

  it('of -f -N -M is left in the background until -O exit', async () => {
    const { path, at, behind, control } = await startShared();
    expect(await behind('-M')).toMatchObject({ status: 0 });
    await waitUntil('it listens', () => existsSync(path));
    const pid = await pidOf(control);
    expect(await at('echo shared')).toMatchObject({ status: 0, stdout: 'shared\n' });
    expect(await control('stop')).toMatchObject({
      status: 0,
      stderr: 'rexa: Stop listening request sent.\n',
    });
    expect(existsSync(path)).toBe(false);
    expect(await control('check')).toMatchObject({
      status: 255,
      stderr: `rexa: Control socket connect(${path}): No such file or directory\n`,
    });
    // Nobody uses it
    await waitUntil('the process has ended', () => !isAlive(pid));
  });

  it('of -N -M with ControlPersist ends when it is not used', async () => {
    const { ssh, at, control } = await startShared();
    expect(await ssh(['-N', '-M', '-o', 'ControlPersist=3', '127.0.0.1'])).toMatchObject({ status: 0 });
    await waitUntil('it listens', async () => (await control('check')).status === 0);
    const pid = await pidOf(control);
    expect(await at('sleep 4; echo shared')).toMatchObject({ status: 0, stdout: 'shared\n' });
    await waitUntil('the process has ended', () => !isAlive(pid));
  });

  it.each<[answer: string, isShared: boolean]>([
    ['yes', true],
    ['no', false],
  ])('with ControlMaster=ask is shared after %o', async (answer, isShared) => {
    const { dropIn, ssh, behind, control } = await startShared();
    const askpass = join(dropIn.folder, 'askpass');
    writeFileSync(askpass, `#!/bin/sh\necho "$1" >> ${askpass}.asked\necho ${answer}\n`, { mode: 0o755 });
    const env = { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' };
    await behind('-o ControlMaster=ask', env);
    await waitUntil('it listens', async () => (await control('check')).status === 0);
    const before = countLogins(dropIn);
    expect(await ssh(['127.0.0.1', 'echo in'])).toMatchObject({ status: 0, stdout: 'in\n' });
    expect(countLogins(dropIn) - before).toBe(isShared ? 0 : 1);
    expect(existsSync(`${askpass}.asked`)).toBe(true);
  });

  it('is used by rexa run where the configuration says so', async () => {
    const { dropIn } = await startShared();
    const config = join(dropIn.folder, 'config.yaml');
    writeFileSync(
      config,
      `hosts:\n  build1:\n    address: tls://127.0.0.1:${dropIn.port}#${dropIn.daemon.fingerprint}\n    share: 2s\n`,
      { mode: 0o600 },
    );
    const state = join(dropIn.folder, 'runtime');
    const run = (line: string): Promise<ProgramExit> =>
      dropIn.run(['rexa', 'run', '-F', config, 'build1', '-c', line], { XDG_RUNTIME_DIR: state });
    const before = countLogins(dropIn);
    expect(await run('echo one; exit 3')).toEqual({ status: 3, stdout: 'one\n', stderr: '' });
    expect(await run('echo two')).toEqual({ status: 0, stdout: 'two\n', stderr: '' });
    expect(countLogins(dropIn) - before).toBe(1);
    expect(statSync(join(state, 'rexa/share')).mode & 0o777).toBe(0o700);
  });

  it('may lead through a jump host', async () => {
    const { dropIn, ssh } = await startShared();
    const words = ['-J', `127.0.0.1:${dropIn.port}`, ...PERSIST, '127.0.0.1'];
    const before = countLogins(dropIn);
    for (const text of ['one', 'two'])
      expect(await ssh([...words, `echo ${text}`])).toEqual({ status: 0, stdout: `${text}\n`, stderr: '' });
    expect(countLogins(dropIn) - before).toBe(2);
  });

  it.each(['no', 'yes'])(
    'of ssh_config is used by rexa run with ssh-config: true (already shared: %o)',
    async (shared) => {
      const { dropIn } = await startShared();
      const home = join(dropIn.folder, 'home');
      const config = join(dropIn.folder, 'config.yaml');
      writeFileSync(config, `ssh-config: true\nssh-config-port: true\n`, { mode: 0o600 });
      const lines = [
        'HostName 127.0.0.1',
        `Port ${dropIn.port}`,
        'ControlMaster auto',
        'ControlPersist 2',
        'ControlPath ~/.ssh/%h-%p-%C',
      ];
      writeFileSync(join(home, '.ssh/config'), `Host build1\n${lines.join('\n')}\n`, { mode: 0o600 });
      const before = countLogins(dropIn);
      if (shared === 'yes') await dropIn.run(['rexa', 'ssh', '-n', '--config', config, 'build1', 'true']);
      for (const text of ['one', 'two'])
        expect(await dropIn.run(['rexa', 'run', '-F', config, 'build1', '--', 'echo', text])).toEqual({
          status: 0,
          stdout: `${text}\n`,
          stderr: '',
        });
      expect(countLogins(dropIn) - before).toBe(1);
      expect(readdirSync(join(home, '.ssh')).filter((name) => name.startsWith('127.0.0.1-'))).toHaveLength(1);
    },
  );

  it('of a host that refuses says why, once', async () => {
    const { dropIn, ssh, path } = await startShared();
    dropIn.daemon.authorize();
    const { status, stderr } = await ssh([...PERSIST, '127.0.0.1', 'true']);
    expect(status).toBe(255);
    expect(stderr.match(/Permission denied/g)).toHaveLength(1);
    expect(existsSync(path)).toBe(false);
  });
});

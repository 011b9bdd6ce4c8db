import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAlive } from '../../fixtures/is-alive.ts';
import { countLogins, PERSIST, pidOf, startShared } from '../../fixtures/share/shared-drop-in.ts';
import { findClosedPort, startSocketServer } from '../../fixtures/socket-server.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

/** All that comes from a port. */
async function readPort(port: number): Promise<string> {
  let text = '';
  for await (const chunk of net.connect(port, '127.0.0.1')) text += String(chunk);
  return text;
}

const LONGER_THAN_PERSIST_MS = 2500;

describe('-O forward', () => {
  it('keeps the connection as long as a forwarded connection is open', async () => {
    const { dropIn, ssh, control } = await startShared();
    const server = await startSocketServer((socket) => {
      setTimeout(() => socket.end('late'), LONGER_THAN_PERSIST_MS);
    });
    const mark = join(dropIn.folder, 'mark');
    const line = `touch ${mark}.1; until [ -e ${mark}.2 ]; do sleep 0.05; done`;
    const client = ssh(['-o', 'ControlMaster=auto', '-o', 'ControlPersist=1', '127.0.0.1', line]);
    await waitUntil('a client is there', () => existsSync(`${mark}.1`));
    const pid = await pidOf(control);
    const port = await findClosedPort();
    await control('forward', '-L', `${port}:127.0.0.1:${server.port}`);
    const text = readPort(port);
    writeFileSync(`${mark}.2`, '');
    await client;
    expect(await text).toBe('late');
    await waitUntil('the process has ended', () => !isAlive(pid));
  });

  it('of a forwarding that is open is answered by what is there', async () => {
    const { ssh, control } = await startShared();
    await ssh([...PERSIST, '127.0.0.1', 'true']);
    const local = `${await findClosedPort()}:127.0.0.1:1`;
    expect(await control('forward', '-L', local)).toMatchObject({ status: 0 });
    expect(await control('forward', '-L', local)).toMatchObject({ status: 0, stderr: '' });
    const first = await control('forward', '-R', '0:127.0.0.1:1');
    expect(first.stdout).toMatch(/^\d+\n$/);
    expect(await control('forward', '-R', '0:127.0.0.1:1')).toEqual(first);
    expect(await control('cancel', '-L', local)).toMatchObject({ status: 0 });
    expect(await control('cancel', '-L', local)).toMatchObject({ status: 255 });
  });

  it('keeps to PermitRemoteOpen and StreamLocalBindUnlink of the call that made the connection', async () => {
    const { dropIn, ssh, control } = await startShared();
    const server = await startSocketServer((socket) => socket.end('served'));
    const rules = ['-o', 'PermitRemoteOpen=none', '-o', 'StreamLocalBindUnlink=yes'];
    await ssh([...PERSIST, ...rules, '127.0.0.1', 'true']);
    const { stdout } = await control('forward', '-R', '0');
    const socks = `curl -s --socks5-hostname 127.0.0.1:${stdout.trim()} http://127.0.0.1:${server.port}/; echo $?`;
    expect((await ssh(['127.0.0.1', socks])).stdout).toMatch(/^(?:7|97)\n$/);
    const path = join(dropIn.folder, 'in-the-way');
    const inTheWay = net.createServer().listen(path);
    await waitUntil('it is there', () => existsSync(path));
    const before = statSync(path).ino;
    expect(await control('forward', '-L', `${path}:127.0.0.1:1`)).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(path).ino).not.toBe(before);
    inTheWay.close();
  });
});

describe('the forwardings of a call that shares its connection from the background', () => {
  it.each(['-L', '-R'])('%s pass data, with ControlPersist and without', async (letter) => {
    const server = await startSocketServer((socket) => socket.end('served'));
    for (const persist of ['no', '60']) {
      const { behind, control } = await startShared();
      const port = await findClosedPort();
      const spec = `127.0.0.1:${port}:127.0.0.1:${server.port}`;
      expect(await behind(`-M -o ControlPersist=${persist} ${letter} ${spec}`)).toMatchObject({ status: 0 });
      expect(await readPort(port)).toBe('served');
      expect(await control('exit')).toMatchObject({ status: 0 });
    }
  });
});

describe('-O proxy', () => {
  it('is a call over the shared connection', async () => {
    const { dropIn, ssh } = await startShared();
    await ssh([...PERSIST, '127.0.0.1', 'true']);
    const before = countLogins(dropIn);
    expect(await ssh(['-O', 'proxy', '127.0.0.1', 'exit 7'])).toMatchObject({ status: 7 });
    expect(countLogins(dropIn)).toBe(before);
  });

  it('makes no connection of its own where the shared one is for another login', async () => {
    const { dropIn, ssh } = await startShared();
    await ssh([...PERSIST, '127.0.0.1', 'true']);
    const before = countLogins(dropIn);
    const other = ['-o', 'IdentitiesOnly=yes'];
    expect(await ssh(['-O', 'proxy', ...other, '127.0.0.1', 'echo no'])).toMatchObject({
      status: 255,
      stdout: '',
    });
    expect(countLogins(dropIn)).toBe(before);
  });

  it('fails where none is shared', async () => {
    const { ssh } = await startShared();
    expect(await ssh(['-O', 'proxy', '127.0.0.1', 'echo no'])).toMatchObject({
      status: 255,
      stdout: '',
      stderr: expect.stringContaining('No such file or directory') as unknown,
    });
  });
});

describe('-O cancel', () => {
  it('cancels a forwarding that the sharing call itself was given', async () => {
    const { behind, control } = await startShared();
    const spec = `${await findClosedPort()}:127.0.0.1:1`;
    expect(await behind(`-M -L ${spec}`)).toMatchObject({ status: 0 });
    await waitUntil('it listens', async () => (await control('check')).status === 0);
    expect(await control('cancel', '-L', spec)).toMatchObject({ status: 0, stderr: '' });
    await control('exit');
  });
});

describe('-O stop', () => {
  it.each([
    ['of a process in the background', [...PERSIST, '127.0.0.1', 'true']],
    ['of a call with -f -N', ['-f', '-N', '-M', '-E', '/dev/null', '127.0.0.1']],
  ])('%s: it ends with its last client', async (_of, words) => {
    const { dropIn, path, ssh, at, control } = await startShared();
    void ssh(words);
    await waitUntil('it listens', async () => (await control('check')).status === 0);
    const pid = await pidOf(control);
    const mark = join(dropIn.folder, 'mark');
    const client = at(`touch ${mark}.1; until [ -e ${mark}.2 ]; do sleep 0.05; done; echo whole`);
    await waitUntil('a client is there', () => existsSync(`${mark}.1`));
    expect(await control('stop')).toMatchObject({ status: 0 });
    expect(existsSync(path)).toBe(false);
    expect(isAlive(pid)).toBe(true);
    writeFileSync(`${mark}.2`, '');
    expect(await client).toMatchObject({ status: 0, stdout: 'whole\n' });
    await waitUntil('the process has ended', () => !isAlive(pid));
  });
});

describe('ControlMaster=ask', () => {
  it('asks before -O forward, stop and exit, and does none of them after "no"', async () => {
    const { dropIn, behind, control } = await startShared();
    const askpass = join(dropIn.folder, 'askpass');
    const asked = `${askpass}.asked`;
    const answer = `${askpass}.answer`;
    writeFileSync(askpass, `#!/bin/sh\necho "$1" >> ${asked}\ncat ${answer}\n`, { mode: 0o755 });
    writeFileSync(answer, 'no\n');
    await behind('-o ControlMaster=ask', { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' });
    await waitUntil('it listens', async () => (await control('check')).status === 0);
    const spec = `${await findClosedPort()}:127.0.0.1:1`;
    for (const words of [['forward', '-L', spec], ['stop'], ['exit']])
      expect(await control(...words)).toMatchObject({ status: 255 });
    expect(await control('check')).toMatchObject({ status: 0 });
    expect(await control('cancel', '-L', spec)).toMatchObject({ status: 255 });
    expect(readFileSync(asked, 'utf8').trim().split('\n')).toEqual(
      [
        `Open -L ${spec.split(':')[0]} on 127.0.0.1? `,
        'Disable further multiplexing on shared connection to 127.0.0.1? ',
        'Terminate shared connection to 127.0.0.1? ',
      ].map((line) => line.trimEnd()),
    );
    writeFileSync(answer, 'yes\n');
    expect(await control('exit')).toMatchObject({ status: 0 });
  });

  it('does not count a client that has left before the answer', async () => {
    const { dropIn, path, behind, control } = await startShared();
    const askpass = join(dropIn.folder, 'askpass');
    const mark = `${askpass}.mark`;
    writeFileSync(
      askpass,
      `#!/bin/sh\ntouch ${mark}.1; until [ -e ${mark}.2 ]; do sleep 0.05; done; echo yes; touch ${mark}.3\n`,
      { mode: 0o755 },
    );
    await behind('-o ControlMaster=ask', { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' });
    await waitUntil('it listens', async () => (await control('check')).status === 0);
    const pid = await pidOf(control);
    await dropIn.run([
      'sh',
      '-c',
      `rexa ssh -n -p ${dropIn.port} -S ${path} 127.0.0.1 true & until [ -e ${mark}.1 ]; do sleep 0.05; done; kill -9 $!; wait`,
    ]);
    writeFileSync(`${mark}.2`, '');
    await waitUntil('it is answered', () => existsSync(`${mark}.3`));
    expect(await control('stop')).toMatchObject({ status: 0 });
    await waitUntil('the process has ended', () => !isAlive(pid));
  });
});

describe('the process in the background', () => {
  it('is in a session of its own, and holds nothing of its caller', async () => {
    const { dropIn, path, control } = await startShared();
    const held = join(dropIn.folder, 'held');
    const line = `rexa ssh -n -p ${dropIn.port} -S ${path} ${PERSIST.join(' ')} 127.0.0.1 true 7>${held}`;
    expect(await dropIn.run(['sh', '-c', line])).toMatchObject({ status: 0 });
    const pid = await pidOf(control);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/\(.*\)/, 'name')
      .split(' ');
    const [, , , , group, session] = stat;
    expect([group, session]).toEqual([String(pid), String(pid)]);
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    expect(open).not.toContain(held);
  });

  it('survives the end of the group of its caller', async () => {
    const { dropIn, path, control } = await startShared();
    const mark = join(dropIn.folder, 'mark');
    const words = `-n -p ${dropIn.port} -S ${path} ${PERSIST.join(' ')} 127.0.0.1`;
    // A group of its own, all of which is ended
    const line = `timeout 1000 rexa ssh ${words} 'touch ${mark}; sleep 1000' & until [ -e ${mark} ]; do sleep 0.05; done; kill $!; wait`;
    await dropIn.run(['sh', '-c', line]);
    expect(await control('check')).toMatchObject({ status: 0 });
    expect(isAlive(await pidOf(control))).toBe(true);
  });

  it('that is stopped is left alone after a while, with one warning', async () => {
    const { dropIn, path, ssh, at, control } = await startShared();
    await ssh([...PERSIST, '127.0.0.1', 'true']);
    const pid = await pidOf(control);
    process.kill(pid, 'SIGSTOP');
    try {
      const warning = expect.stringMatching(
        /^rexa: the process that shares the connection at \S+ did not answer[^\n]*\n$/,
      );
      const [plain, auto] = await Promise.all([at('echo one'), ssh([...PERSIST, '127.0.0.1', 'echo two'])]);
      expect(plain).toEqual({ status: 0, stdout: 'one\n', stderr: warning });
      expect(auto).toEqual({ status: 0, stdout: 'two\n', stderr: warning });
      expect(await control('check')).toEqual({ status: 255, stdout: '', stderr: warning });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect(await pidOf(control)).toBe(pid);
    expect(readdirSync(dropIn.folder).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });
});

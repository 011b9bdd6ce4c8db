import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { REXAD, startDaemon } from '../../fixtures/daemon.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A rexad that is expected to fail at its start: its exit status and what it said. */
function tryDaemon(path: string): { readonly status: number | null; readonly said: string } {
  const { status, stderr } = spawnSync(process.execPath, [REXAD, '--listen', `unix:${path}`], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, said: stderr };
}

describe('the socket of a daemon', () => {
  it('has mode 0600 in a folder of mode 0700, which is made if need be', async () => {
    await using daemon = await startDaemon({ words: ['--listen', `unix:${folder}/made/for/it.sock`] });
    expect((lstatSync(daemon.socketPath).mode & 0o777).toString(8)).toBe('600');
    expect((lstatSync(`${folder}/made/for/it.sock`).mode & 0o777).toString(8)).toBe('600');
    expect((statSync(`${folder}/made/for`).mode & 0o777).toString(8)).toBe('700');
  });

  it('is gone after an orderly end', async () => {
    const daemon = await startDaemon();
    expect(await daemon.stop()).toBe(0);
    expect(lstatSync(daemon.socketPath, { throwIfNoEntry: false })).toBeUndefined();
    rmSync(daemon.folder, { recursive: true });
  });

  it('of a dead daemon is replaced', async () => {
    const dead = await startDaemon();
    await dead.stop('SIGKILL');
    expect(lstatSync(dead.socketPath).isSocket()).toBe(true);
    {
      await using daemon = await startDaemon({ words: ['--listen', dead.address] });
      await using host = await connect(dead.address);
      expect((await host.run('echo', ['again'])).stdout).toBe('again\n');
      expect(daemon.address).not.toBe(dead.address);
    }
    // Not before: a daemon makes a removed socket again, folder and all
    rmSync(dead.folder, { recursive: true });
  });

  it('of a live daemon is left alone, and the second one says so', async () => {
    await using daemon = await startDaemon();
    const second = tryDaemon(daemon.socketPath);
    expect([second.status, second.said.includes('another daemon already answers')]).toEqual([3, true]);
    await using host = await connect(daemon.address);
    expect((await host.run('echo', ['still'])).stdout).toBe('still\n');
  });

  it('of another program is left alone', async () => {
    const path = join(folder, 'other.sock');
    const server = createServer().listen(path);
    await once(server, 'listening');
    expect(tryDaemon(path).status).toBe(3);
    server.close();
  });

  it('goes to exactly one of ten daemons that start at once over a stale one', async () => {
    const path = join(folder, 'race.sock');
    const dead = spawnSync('python3', [
      '-c',
      `import socket; socket.socket(socket.AF_UNIX).bind(${JSON.stringify(path)})`,
    ]);
    expect(dead.status).toBe(0);
    const children = Array.from({ length: 10 }, () =>
      spawn(process.execPath, [REXAD, '--json', '--listen', `unix:${path}`], {
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    const fates = await Promise.all(
      children.map((child) =>
        Promise.race([
          once(child.stdout, 'data').then(() => 'listens'),
          once(child, 'exit').then(([code]) => `exit ${code}`),
        ]),
      ),
    );
    expect(fates.toSorted()).toEqual([...Array.from({ length: 9 }, () => 'exit 3'), 'listens']);
    await using host = await connect(`unix:${path}`);
    expect((await host.run('echo', ['one'])).stdout).toBe('one\n');
    await host.close();
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null) return;
        child.kill('SIGTERM');
        await once(child, 'exit');
      }),
    );
  });

  it('is refused where a file of its name is, and the file stays', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'precious');
    const { status, said } = tryDaemon(path);
    expect([status, said.includes('is no socket')]).toEqual([1, true]);
    expect(statSync(path).size).toBe(8);
  });

  it('is refused with a path that is too long, at both ends', async () => {
    const path = join(folder, 'x'.repeat(120));
    expect(tryDaemon(path)).toMatchObject({ status: 1, said: expect.stringContaining('more than the 107') });
    await expect(connect(`unix:${path}`)).rejects.toMatchObject({ code: 'SOCKET_PATH_TOO_LONG' });
  });

  it('is refused in a folder that others can write to, at both ends', async () => {
    await using daemon = await startDaemon();
    chmodSync(dirname(daemon.socketPath), 0o777);
    await expect(connect(daemon.address)).rejects.toMatchObject({ code: 'SOCKET_NOT_OURS' });
    expect(tryDaemon(`${daemon.socketPath}2`)).toMatchObject({
      status: 1,
      said: expect.stringContaining('chmod 700'),
    });
    chmodSync(dirname(daemon.socketPath), 0o700);
  });

  it('is not used by a client when others may open it', async () => {
    await using daemon = await startDaemon();
    chmodSync(daemon.socketPath, 0o666);
    await expect(connect(daemon.address)).rejects.toMatchObject({ code: 'SOCKET_NOT_OURS' });
  });

  it('is refused where there is no space for it', () => {
    const mount = join(folder, 'full');
    mkdirSync(mount, { mode: 0o700 });
    const script = `mount -t tmpfs -o nr_inodes=1,mode=700 none ${mount} && exec ${process.execPath} ${REXAD} --listen unix:${mount}/s`;
    const { status, stderr } = spawnSync('unshare', ['--mount', '--map-root-user', 'sh', '-c', script], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect([status, /no space left/i.test(stderr)]).toEqual([1, true]);
  });

  it('takes no peer of another uid, even where the mode would let it in', async () => {
    await using daemon = await startDaemon();
    chmodSync(dirname(daemon.socketPath), 0o755);
    chmodSync(daemon.socketPath, 0o666);
    const script = [
      'import os, socket, sys',
      'os.setuid(65534)',
      's = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])',
      'sys.stdout.write(s.makefile("rb").read().decode("latin1"))',
    ].join('\n');
    const { stdout } = spawnSync('python3', ['-c', script, daemon.socketPath], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(stdout).toContain('PEER_REFUSED');
    expect(stdout).not.toContain('rexad');
  });
});

describe('a daemon that is told to leave', () => {
  it('lets a running command end within its drain, takes no new one, and tells everybody', async () => {
    const daemon = await startDaemon({ words: ['--drain', '20s'] });
    const host = await connect(daemon.address);
    const run = host.run('sh', ['-c', 'echo up; read line; echo $line'], { stdin: 'pipe', buffer: true });
    await new Promise((resolve) => run.stdout.once('data', resolve));
    const stopped = daemon.stop();
    await expect.poll(() => daemon.log()).toContain('shutting down');
    const late = await host.run('true', [], { reject: false });
    expect([late.outcome, late.code]).toEqual(['not-started', 'SHUTTING_DOWN']);
    run.stdin?.end('finished\n');
    expect((await run).stdout).toBe('up\nfinished\n');
    expect(await stopped).toBe(0);
    await host.close();
    rmSync(daemon.folder, { recursive: true, force: true });
  });
});

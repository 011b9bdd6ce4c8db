import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { makeJobHome } from '../../fixtures/jobs.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const isThere = (file: string): Promise<void> => waitUntil(`${file} is there`, () => existsSync(file));

/** Whether a daemon answers. */
async function isServed(address: string): Promise<boolean> {
  try {
    await (await connect(address)).close();
    return true;
  } catch {
    return false;
  }
}

function removeBoth(socket: string): void {
  rmSync(socket);
  rmSync(`${socket}.lock`);
}

describe('a socket that is removed under a live daemon', () => {
  it.each([
    ['the socket', (socket: string) => rmSync(socket)],
    ['socket and lock', removeBoth],
    ['the folder', (socket: string) => rmSync(dirname(socket), { recursive: true, maxRetries: 10 })],
  ])('is made again, and what runs goes on: %s', async (_what, remove) => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const run = host.run('cat', [], { stdin: 'pipe' });
    await run.pid;
    for (let round = 0; round < 3; round++) {
      remove(daemon.socketPath);
      // It is there a moment before somebody listens
      await waitUntil('the socket is served', () => isServed(daemon.address));
      await using again = await connect(daemon.address);
      expect((await again.run('echo', ['served'])).stdout).toBe('served\n');
    }
    run.stdin?.end('still there');
    expect((await run).stdout).toBe('still there');
    expect(daemon.log()).toMatch(/the socket was removed, and is made again/);
    expect(await daemon.stop()).toBe(0);
    expect(existsSync(daemon.socketPath)).toBe(false);
  });

  it('keeps a second daemon out while only its socket is missing', async () => {
    await using daemon = await startDaemon();
    rmSync(daemon.socketPath);
    await isThere(daemon.socketPath);
    await expect(startDaemon({ words: ['--listen', daemon.address] })).rejects.toThrow(/already answers/);
  });

  it('of the supervisor of jobs is made again: its jobs are reached, and no second one starts', async () => {
    await using home = makeJobHome();
    const socket = join(home.folder, '.local/state/rexa/keeper.sock');
    await using first = await startDaemon({ env: home.env });
    await using host = await connect(first.address);
    const run = host.run('cat', [], { id: 'job', stdin: 'pipe' });
    await run.pid;
    rmSync(socket);
    await isThere(socket);
    await using second = await startDaemon({ env: home.env });
    await using other = await connect(second.address);
    expect((await other.jobs()).map(({ id, state }) => `${id} ${state}`)).toEqual(['job running']);
    expect(home.supervisors().length).toBe(1);
    run.stdin?.end('whole');
    expect((await run).stdout).toBe('whole');
  });

  it('of `local` is used again at once, without a second daemon', async () => {
    await using home = makeJobHome();
    const run = mkdtempSync(join(tmpdir(), 'rexa-run-'));
    const env = { ...home.env, XDG_RUNTIME_DIR: run };
    const parent = async (): Promise<string> =>
      (await runRexa(['run', '-n', 'local', '--', 'sh', '-c', 'echo $PPID'], { env })).stdout.toString();
    const pid = await parent();
    rmSync(join(run, 'rexa/rexad.sock'));
    expect(await parent()).toBe(pid);
    process.kill(Number(pid), 'SIGTERM');
    await waitUntil('the daemon has left', () => !existsSync(join(run, 'rexa/rexad.sock')));
    rmSync(run, { recursive: true, force: true });
  });
});

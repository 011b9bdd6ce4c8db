import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenControl } from '../../../../src/cli/share/listen-control.ts';

function makePlace(): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'rexa-control-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, path: join(folder, 'control') };
}

/** A socket whose process is gone. */
function leaveDead(path: string): void {
  spawnSync(process.execPath, [
    '-e',
    `process.umask(0o177); require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 9))`,
    path,
  ]);
  expect(lstatSync(path).isSocket()).toBe(true);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

describe('a control socket', () => {
  it.each([false, true])(
    'is that of one among many who want it (a dead one is in the way: %o)',
    async (isDead) => {
      const { folder, path } = makePlace();
      if (isDead) leaveDead(path);
      const all = await Promise.allSettled(
        Array.from({ length: 20 }, () => listenControl(path, false, (socket) => socket.destroy())),
      );
      const won = all.filter((each) => each.status === 'fulfilled');
      expect(won).toHaveLength(1);
      for (const each of all)
        if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'SHARE_LISTEN_FAILED' });
      expect(await isAnswered(path)).toBe(true);
      expect(lstatSync(path).mode & 0o777).toBe(0o600);
      expect(readdirSync(folder)).toEqual(['control']);
      won[0]?.value.close();
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('is not removed by whoever had one there before', async () => {
    const { path } = makePlace();
    const first = await listenControl(path, false, (socket) => socket.destroy());
    rmSync(path);
    const second = await listenControl(path, false, (socket) => socket.destroy());
    first.close();
    expect(await isAnswered(path)).toBe(true);
    second.close();
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['a file', (path: string) => writeFileSync(path, 'mine')],
    ['a socket of another process', (path: string) => void net.createServer().listen(path).unref()],
  ])('does not replace %s', async (_what, make) => {
    const { path } = makePlace();
    make(path);
    await expect.poll(() => existsSync(path)).toBe(true);
    const { ino } = lstatSync(path);
    await expect(listenControl(path, false, () => undefined)).rejects.toMatchObject({
      code: 'SHARE_LISTEN_FAILED',
    });
    expect(lstatSync(path).ino).toBe(ino);
  });

  it('is refused where its path is too long to connect to', async () => {
    const { folder } = makePlace();
    const path = join(folder, 'x'.repeat(110));
    await expect(listenControl(path, false, () => undefined)).rejects.toThrow(/bytes/);
    expect(existsSync(path)).toBe(false);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startChaosProxy } from '../fixtures/chaos-proxy.ts';
import { startDaemon } from '../fixtures/daemon.ts';
import { makeFilesFolder } from '../fixtures/files-folder.ts';
import { differences } from '../fixtures/odd-tree.ts';
import { createRandom, type Random } from '../fixtures/ready-start/random.ts';
import { runRexa, startRexa } from '../fixtures/run-rexa.ts';
import { waitUntil } from '../fixtures/wait-until.ts';
import { shareOf } from './share.ts';

const MIB = 1024 * 1024;
const BYTES = shareOf(1024 * MIB);
const CUTS = shareOf(1000);
const KILLS = shareOf(100);
const SEED = Number(process.env['REXA_SEED'] ?? 1);

const KILLED_BYTES = 12 * MIB;

/** Makes a tree of about so many bytes: a third each in files of some KiB, some 100 KiB and some MiB. */
function makeTree(folder: string, bytes: number, random: Random): void {
  for (const [name, least] of [
    ['short', 1024],
    ['medium', 100 * 1024],
    ['long', MIB],
  ] as const) {
    let left = bytes / 3;
    for (let n = 0; left > 0; n++) {
      const inner = join(folder, name, String(n % 7));
      mkdirSync(inner, { recursive: true });
      const data = Buffer.alloc(least + random.below(4 * least), `${name} ${n} ${random.below(1e9)}\n`);
      writeFileSync(join(inner, `f${n}`), data);
      left -= data.length;
    }
  }
  symlinkSync('short/0/f0', join(folder, 'link'));
  linkSync(join(folder, 'long/0/f0'), join(folder, 'hard'));
  mkdirSync(join(folder, 'empty'));
}

/** A process that compares what is there under its name with the source, again and again. */
function watchTree(source: string, target: string) {
  const script = fileURLToPath(new URL('../fixtures/tree-watcher.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, source, target], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return async (): Promise<{ readonly looks: number; readonly files: number; readonly wrong: string[] }> => {
    child.stdin.end();
    await once(child, 'close');
    return JSON.parse(text) as { looks: number; files: number; wrong: string[] };
  };
}

describe(`a tree of ${BYTES} bytes through ${CUTS} cuts`, () => {
  // So that the last cut comes before the last byte, however much of each connection was in vain
  const rules = { cutAfterBytes: [1, MIB] as const, cuts: CUTS };

  it.each(['to the host', 'from the host'])('goes %s whole, and no file is there in part', async (way) => {
    await using daemon = await startDaemon();
    await using proxy = await startChaosProxy({ path: daemon.socketPath }, 'unix', SEED, rules);
    const folder = makeFilesFolder();
    const [source, target] = [join(folder, 'source'), join(folder, 'target')];
    makeTree(source, BYTES, createRandom(SEED));
    const stopWatching = watchTree(source, target);
    const address = 'path' in proxy.place ? `unix:${proxy.place.path}` : '';
    const operands =
      way === 'to the host' ? [`${source}/.`, `${address}:${target}`] : [`${address}:${source}/.`, target];
    let status: unknown = null;
    // A connection that is cut before its hello is no link that could be resumed
    for (let left = CUTS; left > 0 && status !== 0; left--)
      ({ status } = await runRexa(['cp', '-rpq', '--resume', '--compress', 'never', ...operands]));
    const { wrong, files } = await stopWatching();
    expect([status, wrong, differences(source, target)]).toEqual([0, [], '']);
    expect(files).toBeGreaterThan(3);
    expect(proxy.cut).toBe(CUTS);
  });
});

/** The bytes that are there, whole or in part. */
function bytesBelow(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  } catch {
    // Something was renamed meanwhile
    return 0;
  }
}

describe(`a copy that is killed ${KILLS} times`, () => {
  it.each(['to the host', 'from the host'])(
    '%s is complete in the end with --resume, and no file was there in part',
    async (way) => {
      const random = createRandom(SEED);
      const folder = makeFilesFolder();
      const [source, target] = [join(folder, 'source'), join(folder, 'target')];
      makeTree(source, KILLED_BYTES, random);
      const whole = bytesBelow(source);
      const stopWatching = watchTree(source, target);
      let daemon = await startDaemon();
      let killed = 0;
      const start = () => {
        const { address } = daemon;
        const operands =
          way === 'to the host'
            ? [`${source}/.`, `${address}:${target}`]
            : [`${address}:${source}/.`, target];
        return startRexa(['cp', '-rpq', '--resume', '--reconnect-for', '0s', ...operands]);
      };
      try {
        // Some copies are over before they are killed
        for (let left = 20 * KILLS; left > 0 && killed < KILLS; left--) {
          const copying = start();
          const before = bytesBelow(target);
          const until = before + random.below(Math.max(1, (whole - before) / 2));
          let isOver = false;
          void copying.exit.then(() => {
            isOver = true;
          });
          await waitUntil('some bytes more', () => isOver || bytesBelow(target) >= until);
          if (random.below(2) === 0) copying.child.kill('SIGKILL');
          else {
            await daemon.stop('SIGKILL');
            daemon = await startDaemon();
          }
          const { status } = await copying.exit;
          if (status === 0) {
            expect(differences(source, target)).toBe('');
            rmSync(target, { recursive: true });
          } else killed++;
        }
        const { status, stderr } = await start().exit;
        expect([killed, status, stderr]).toEqual([KILLS, 0, '']);
        // What a client that was killed has left is the daemon's to end
        await daemon.stop();
        expect(differences(source, target)).toBe('');
      } finally {
        await daemon[Symbol.asyncDispose]();
      }
      expect((await stopWatching()).wrong).toEqual([]);
    },
  );
});

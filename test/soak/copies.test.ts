import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startChaosProxy } from '../fixtures/chaos-proxy.ts';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts';
import { makeFilesFolder } from '../fixtures/files-folder.ts';
import { differences } from '../fixtures/odd-tree.ts';
import { createRandom, type Random } from '../fixtures/ready-start/random.ts';
import { runRexa, type StartedRexa, startRexa } from '../fixtures/run-rexa.ts';
import { waitUntil } from '../fixtures/wait-until.ts';
import { shareOf } from './share.ts';

const MIB = 1024 * 1024;
const BYTES = shareOf(1024 * MIB);
/** In each direction, half of them with compression. */
const CUTS = 2 * shareOf(500);
const KILLS = shareOf(100);
/** How many incomplete files must be continued meanwhile. */
const CONTINUED = shareOf(30);
const SEED = Number(process.env['REXA_SEED'] ?? 1);

/** Most of it in files that are incomplete for a while. */
const KILLED: Sizes = { short: MIB / 2, medium: 4 * MIB, long: 24 * MIB };

/** Data that zstd makes a quarter shorter. */
function makeData(bytes: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length: bytes }, () => random.below(64)));
}

/** Bytes in files of 1 to 5 KiB, of 100 to 500 KiB, and of 1 to 5 MiB. */
interface Sizes {
  readonly short: number;
  readonly medium: number;
  readonly long: number;
}

/** Makes a tree of about so many bytes. */
function makeTree(folder: string, bytes: Sizes, random: Random): void {
  const pool = makeData(8 * MIB, random);
  for (const [name, least] of [
    ['short', 1024],
    ['medium', 100 * 1024],
    ['long', MIB],
  ] as const) {
    let left = bytes[name];
    for (let n = 0; left > 0; n++) {
      const inner = join(folder, name, String(n % 7));
      mkdirSync(inner, { recursive: true });
      const length = least + random.below(4 * least);
      const start = random.below(pool.length - length);
      const data = Buffer.from(pool.subarray(start, start + length));
      data.write(`${name} ${n}\n`);
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

const WAYS = ['to the host', 'from the host'] as const;

describe(`a tree of ${BYTES} bytes through ${CUTS / 2} cuts`, () => {
  // So that the last cut comes before the last byte, however much of each connection was in vain
  const rules = { cutAfterBytes: [1, MIB] as const, cuts: CUTS / 2 };

  it.each(
    WAYS.flatMap((way) => [
      [way, 'never'],
      [way, 'always'],
    ]),
  )('goes %s whole with --compress %s, and no file is there in part', async (way, compress) => {
    await using daemon = await startDaemon();
    await using proxy = await startChaosProxy({ path: daemon.socketPath }, 'unix', SEED, rules);
    const folder = makeFilesFolder();
    const [source, target] = [join(folder, 'source'), join(folder, 'target')];
    makeTree(source, { short: BYTES / 3, medium: BYTES / 3, long: BYTES / 3 }, createRandom(SEED));
    const stopWatching = watchTree(source, target);
    const address = 'path' in proxy.place ? `unix:${proxy.place.path}` : '';
    const operands =
      way === 'to the host' ? [`${source}/.`, `${address}:${target}`] : [`${address}:${source}/.`, target];
    let status: unknown = null;
    // A connection that is cut before its hello is no link that could be resumed
    for (let left = rules.cuts; left > 0 && status !== 0; left--)
      ({ status } = await runRexa(['cp', '-rpq', '--resume', '--compress', compress, ...operands]));
    const { wrong, files } = await stopWatching();
    expect([status, wrong, differences(source, target)]).toEqual([0, [], '']);
    expect(files).toBeGreaterThan(3);
    expect(proxy.cut).toBe(rules.cuts);
  });
});

/** The regular files below a folder. */
function listFiles(folder: string): readonly { readonly path: string; readonly size: number }[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => ({ path, size: statSync(path).size }));
  } catch {
    // Something was renamed meanwhile
    return [];
  }
}

/** The bytes that are there, whole or in part. */
function bytesBelow(folder: string): number {
  return listFiles(folder).reduce((sum, { size }) => sum + size, 0);
}

/** The lengths of the incomplete files that a copy with --resume continues, by the paths of the complete ones. */
function listPartials(folder: string): ReadonlyMap<string, number> {
  const found = listFiles(folder).flatMap(({ path, size }): [string, number][] => {
    const [, name] = /^\.(.*)\.rexa-part$/.exec(basename(path)) ?? [];
    return name === undefined || size === 0 ? [] : [[join(dirname(path), name), size]];
  });
  return new Map(found);
}

/** What a copy has reused of each file that it completed, as far as it was able to report them before its end. */
function readReused(stdout: Buffer): readonly (readonly [path: string, reusedBytes: number])[] {
  const lines = stdout.toString().split('\n').slice(0, -1);
  return lines
    .map((line) => JSON.parse(line) as { type: string; status: string; path: string; reusedBytes: number })
    .filter(({ type, status }) => type === 'entry' && status === 'copied')
    .map(({ path, reusedBytes }) => [path, reusedBytes]);
}

/** Waits until the daemon has no copy any more, whose incomplete file nobody else can continue. */
async function untilReceived(daemon: TestDaemon): Promise<void> {
  const count = (event: string) => daemon.log().split(` write-files-${event} `).length;
  await waitUntil('the end of the receiver', () => count('ended') === count('started'));
}

describe(`a copy that is killed ${KILLS} times`, () => {
  it.each(WAYS)(
    '%s is complete in the end with --resume, reuses what was left, and no file was there in part',
    async (way) => {
      const random = createRandom(SEED);
      const folder = makeFilesFolder();
      const [source, target] = [join(folder, 'source'), join(folder, 'target')];
      makeTree(source, KILLED, random);
      const whole = bytesBelow(source);
      const stopWatching = watchTree(source, target);
      let daemon = await startDaemon();
      let killed = 0;
      let continued = 0;
      const wrong: string[] = [];

      /** @param end ends it, or waits for its end */
      const copy = async (end: (copying: StartedRexa, isOver: () => boolean) => Promise<void>) => {
        await untilReceived(daemon);
        const left = listPartials(target);
        const { address } = daemon;
        const operands =
          way === 'to the host'
            ? [`${source}/.`, `${address}:${target}`]
            : [`${address}:${source}/.`, target];
        const compress = random.pick(['never', 'always']);
        const how = ['--json', '--resume', '--reconnect-for', '0s', '--compress', compress];
        const copying = startRexa(['cp', '-rp', ...how, ...operands]);
        let isOver = false;
        void copying.exit.then(() => {
          isOver = true;
        });
        await end(copying, () => isOver);
        const { status, stdout, stderr } = await copying.exit;
        for (const [path, reusedBytes] of readReused(stdout)) {
          const leftBytes = left.get(join(target, path)) ?? 0;
          if (leftBytes > 0) continued++;
          if (leftBytes > reusedBytes) wrong.push(`${path}: ${reusedBytes} of ${leftBytes} bytes`);
        }
        return { status, stderr };
      };

      const kill = async (copying: StartedRexa, isOver: () => boolean) => {
        const before = bytesBelow(target);
        const until = before + random.below(Math.max(1, (whole - before) / 2));
        await waitUntil('some bytes more', () => isOver() || bytesBelow(target) >= until);
        if (random.below(2) === 0)
          await waitUntil('an incomplete file', () => isOver() || listPartials(target).size > 0);
        if (random.below(2) === 0) return void copying.child.kill('SIGKILL');
        await daemon.stop('SIGKILL');
        daemon = await startDaemon();
      };

      try {
        // Some copies are over before they are killed
        for (let left = 20 * KILLS; left > 0 && (killed < KILLS || continued < CONTINUED); left--) {
          const { status } = await copy(kill);
          if (status === 0) {
            expect(differences(source, target)).toBe('');
            rmSync(target, { recursive: true });
          } else killed++;
        }
        const { status, stderr } = await copy(async ({ exit }) => void (await exit));
        expect([status, stderr, wrong]).toEqual([0, expect.stringMatching(/^rexa: copied /), []]);
        // What a client that was killed has left is the daemon's to end
        await daemon.stop();
        expect(differences(source, target)).toBe('');
        expect([killed >= KILLS, continued >= CONTINUED]).toEqual([true, true]);
      } finally {
        await daemon[Symbol.asyncDispose]();
      }
      expect((await stopWatching()).wrong).toEqual([]);
    },
  );
});

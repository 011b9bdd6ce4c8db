import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../fixtures/daemon.ts';
import { makeFilesFolder } from '../fixtures/files-folder.ts';
import { readPeakMiB } from '../fixtures/memory.ts';
import { startRexa } from '../fixtures/run-rexa.ts';
import { shareOf } from './share.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const FILES = shareOf(1_000_000);
const SPARSE_GIB = shareOf(100);
const PEAK_MIB = 150;
/** How often the memory of the client is read, which is gone at its end; it is the highest so far. */
const LOOK_MS = 20;
/** A million files are made, copied, counted and removed. */
const TIMEOUT_MS = 3_600_000;

interface Copied {
  readonly status: unknown;
  readonly stderr: string;
  /** Of the client and of the daemon. */
  readonly peaksMiB: readonly number[];
}

/** Copies by a daemon of its own, and watches the memory of both sides. */
async function copyWatched(words: (address: string) => readonly string[]): Promise<Copied> {
  await using daemon = await startDaemon();
  const { child, exit } = startRexa(['cp', '-r', ...words(daemon.address)]);
  let clientMiB = 0;
  const looking = setInterval(() => {
    clientMiB = readPeak(child.pid ?? 0) ?? clientMiB;
  }, LOOK_MS);
  const { status, stderr } = await exit;
  clearInterval(looking);
  const daemonMiB = readPeakMiB(daemon.pid);
  return { status, stderr, peaksMiB: [clientMiB, daemonMiB] };
}

function expectBounded(peaksMiB: readonly number[]): void {
  expect(Math.min(...peaksMiB)).toBeGreaterThan(0);
  expect(Math.max(...peaksMiB)).toBeLessThanOrEqual(PEAK_MIB);
}

/** Where something is copied from, to the host, and back. */
function makePaths(): { readonly source: string; readonly there: string; readonly back: string } {
  const folder = makeFilesFolder();
  const [source, there, back] = [join(folder, 'source'), join(folder, 'there'), join(folder, 'back')];
  return { source, there, back };
}

/** Null: the process has ended. */
function readPeak(pid: number): number | null {
  try {
    return readPeakMiB(pid) || null;
  } catch {
    return null;
  }
}

const FILES_IN_ONE_FOLDER = FILES / 2;
const FILES_PER_FOLDER = 500;

/** Makes empty files: half of them in one folder, and the others in many. */
function makeEmptyFiles(folder: string): void {
  for (let n = 0; n < FILES; n++) {
    const inner =
      n < FILES_IN_ONE_FOLDER ? 'one' : `of-many-${Math.floor((n - FILES_IN_ONE_FOLDER) / FILES_PER_FOLDER)}`;
    if (n % FILES_PER_FOLDER === 0) mkdirSync(join(folder, inner), { recursive: true });
    writeFileSync(join(folder, inner, `a-file-without-data-${n}`), '');
  }
}

const countFiles = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + readdirSync(join(folder, name)).length, 0);

describe(`${FILES} empty files`, () => {
  it(
    'go to the host and come back in bounded memory of both sides',
    async () => {
      const { source, there, back } = makePaths();
      makeEmptyFiles(source);
      for (const copied of [
        await copyWatched((address) => [source, `${address}:${there}`]),
        await copyWatched((address) => [`${address}:${there}`, back]),
      ]) {
        expect([copied.status, copied.stderr]).toEqual([0, expect.stringContaining(`copied ${FILES} files`)]);
        expectBounded(copied.peaksMiB);
      }
      expect(countFiles(back)).toBe(FILES);
    },
    TIMEOUT_MS,
  );
});

/** Makes a sparse file: each GiB ends with 1 MiB of data. */
function makeSparse(file: string): void {
  const descriptor = openSync(file, 'w');
  ftruncateSync(descriptor, SPARSE_GIB * GIB);
  for (let n = 1; n <= SPARSE_GIB; n++) writeSync(descriptor, dataOf(n), 0, MIB, n * GIB - MIB);
  closeSync(descriptor);
}

const dataOf = (n: number): Buffer => Buffer.alloc(MIB, `the data of GiB ${n}\n`);

/** The parts of a copy that are wrong. */
function findWrong(file: string): readonly number[] {
  const descriptor = openSync(file, 'r');
  const found = Buffer.alloc(2 * MIB);
  const wrong: number[] = [];
  for (let n = 1; n <= SPARSE_GIB; n++) {
    readSync(descriptor, found, 0, found.length, n * GIB - found.length);
    if (!found.equals(Buffer.concat([Buffer.alloc(MIB), dataOf(n)]))) wrong.push(n);
  }
  closeSync(descriptor);
  return wrong;
}

describe(`a sparse file of ${SPARSE_GIB} GiB`, () => {
  it('goes to the host and comes back in bounded memory of both sides, and stays sparse', async () => {
    const { source, there, back } = makePaths();
    makeSparse(source);
    for (const { status, peaksMiB } of [
      await copyWatched((address) => [source, `${address}:${there}`]),
      await copyWatched((address) => [`${address}:${there}`, back]),
    ]) {
      expect(status).toBe(0);
      expectBounded(peaksMiB);
    }
    expect(findWrong(back)).toEqual([]);
    const { size, blocks } = statSync(back);
    expect([size, blocks * 512 < 2 * SPARSE_GIB * MIB]).toEqual([SPARSE_GIB * GIB, true]);
  });
});

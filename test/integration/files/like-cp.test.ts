import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { listTree } from '../../fixtures/odd-tree.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

/** What is there before each copy. */
function makeWorld(folder: string): void {
  for (const [path, text] of [
    ['a', 'a'],
    ['b', 'b'],
    ['old', 'old'],
    ['s/f', 'f'],
    ['s/in/g', 'g'],
    ['t/f', 'other f'],
    ['d/kept', 'kept'],
    ['full/a/x', 'x'],
    ['full/s', 'a file'],
    ['-q', 'an option'],
    ['blank name', 'blank'],
    ['*', 'star'],
    ['2:3', 'colon'],
  ] as const) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  mkdirSync(join(folder, 'empty'));
  for (const [name, to] of [
    ['l', 'a'],
    ['ld', 's'],
    ['lt', 't'],
    ['to-d', 'd'],
    ['to-old', 'old'],
    ['dangling', 'nowhere'],
    ['s/up', '..'],
    ['s/l', 'f'],
    ['t/l', 'f'],
    ['loop', 'loop'],
  ] as const)
    symlinkSync(to, join(folder, name));
}

/** Options and sources, and the destination. */
const ROWS: readonly (readonly [sources: readonly string[], target: string])[] = [
  [['a'], 'new'],
  [['a'], 'old'],
  [['a'], 'd'],
  [['a'], 'd/'],
  [['a'], 'd/.'],
  [['a'], 'd/..'],
  [['a'], 'd/new'],
  [['a'], 'new/'],
  [['a'], 'old/'],
  [['a'], 'none/new'],
  [['a'], 'full'],
  [['a'], 'to-d'],
  [['a'], 'to-d/'],
  [['a'], 'to-old'],
  [['a'], 'dangling'],
  [['a'], 'loop'],
  [['a'], 'a'],
  [['a'], './a'],
  [['a'], '.'],
  [['a'], 'l'],
  [['l'], 'a'],
  [['l'], 'new'],
  [['l'], 'd'],
  [['dangling'], 'new'],
  [['loop'], 'new'],
  [['a/'], 'new'],
  [['none'], 'new'],
  [['none'], 'd'],
  [['s'], 'new'],
  [['a', 'b'], 'd'],
  [['a', 'b'], 'new'],
  [['a', 'b'], 'old'],
  [['a', 'none', 'b'], 'd'],
  [['a', 's', 'b'], 'd'],
  [['s/f', 't/f'], 'd'],
  [['a', 'a'], 'd'],
  [['a', 'b', 'a'], 'd'],
  [['-r', 's', 's'], 'd'],
  [['blank name', '*', './2:3'], 'd'],
  [['-r', 's'], 'new'],
  [['-r', 's'], 'new/'],
  [['-r', 's/'], 'new'],
  [['-r', 's/'], 'd'],
  [['-r', 's'], 'd'],
  [['-r', 's'], 'd/'],
  [['-r', 's/.'], 'd'],
  [['-r', 's/.'], 'new'],
  [['-r', 's/./'], 'd'],
  [['-r', 's//'], 'd'],
  [['-r', './s'], 'd'],
  [['-r', 's/in/..'], 'd'],
  [['-r', 's/in'], 'd'],
  [['-r', 's'], 'old'],
  [['-r', 's'], 'full'],
  [['-r', 's'], 'none/new'],
  [['-r', 's'], 'to-d'],
  [['-r', 's'], 'dangling'],
  [['-r', 's', 't'], 'd'],
  [['-r', 's', 't'], 'new'],
  [['-r', 's/.', 't/.'], 'd'],
  [['-r', 'a', 's'], 'd'],
  [['-r', 'empty'], 'd'],
  [['-r', 'empty/.'], 'd'],
  [['-r', 'l'], 'new'],
  [['-r', 'l'], 'd'],
  [['-r', 'l'], 'old'],
  [['-r', 'ld'], 'new'],
  [['-r', 'ld'], 'd'],
  [['-r', 'ld/'], 'd'],
  [['-r', 'ld/.'], 'd'],
  [['-r', 'dangling'], 'd'],
  [['-r', 'loop'], 'new'],
  [['-r', 'a'], 'full'],
  [['-r', 's/.'], 's'],
  [['-r', 's/f'], 's'],
  [['-r', '-L', 'l'], 'new'],
  [['-r', '-L', 'lt'], 'new'],
  [['-r', '-L', 'lt'], 'd'],
  [['--', '-q'], 'd'],
  [['--', '-q'], 'new'],
];

const OPTIONS = ['-r', '-L', '--'];

let daemon: TestDaemon;

beforeAll(async () => {
  daemon = await startDaemon();
});

afterAll(() => daemon[Symbol.asyncDispose]());

/** Copies in a folder of its own. @returns the exit status, and what is there then */
async function copyBy(
  copy: (folder: string) => unknown,
): Promise<readonly [status: unknown, tree: readonly string[]]> {
  const folder = makeFilesFolder();
  makeWorld(folder);
  return [await copy(folder), listTree(folder)];
}

describe('rexa cp does what cp does', () => {
  it.each(ROWS)('with %j to %j', async (sources, target) => {
    const byCp = await copyBy((cwd) => spawnSync('cp', [...sources, target], { cwd }).status);
    const toHost = await copyBy(async (cwd) => {
      const words = [...sources, `${daemon.address}:${cwd}/${target}`];
      return (await runRexa(['cp', '-q', ...words], { cwd })).status;
    });
    const fromHost = await copyBy(async (cwd) => {
      const at = (word: string): string =>
        OPTIONS.includes(word) ? word : `${daemon.address}:${cwd}/${word}`;
      return (await runRexa(['cp', '-q', ...sources.map(at), target], { cwd })).status;
    });
    expect(toHost).toEqual(byCp);
    expect(fromHost).toEqual(byCp);
  });
});

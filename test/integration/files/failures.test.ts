import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { openReceiver, openSender } from '../../fixtures/files-peer.ts';
import { listTree } from '../../fixtures/odd-tree.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { limitFileSizes, mountSmallDisk } from '../../fixtures/small-disk.ts';
import { transfer } from '../../fixtures/transfer.ts';

const isRoot = process.getuid?.() === 0;

/** Files that fit on a small disk, and one in their midst that does not. */
function makeSource(folder: string): void {
  mkdirSync(join(folder, 'src/m'), { recursive: true });
  for (const path of ['a', 'm/b', 'z']) writeFileSync(join(folder, 'src', path), path);
  writeFileSync(join(folder, 'src/m/large'), Buffer.alloc(3 * 1024 * 1024, 'large'));
}

/** Makes `dst` a place where something fails. */
type Prepare = (dst: string, daemon: TestDaemon) => void;

const mountSmall: Prepare = (dst) => {
  const disk = mountSmallDisk(dst);
  if (disk === null) throw new Error('a small disk cannot be mounted');
  onTestFinished(() => disk[Symbol.dispose]());
};

const makeReadOnly: Prepare = (dst, daemon) => {
  mountSmall(dst, daemon);
  mkdirSync(join(dst, 'm'));
  expect(spawnSync('mount', ['-o', 'remount,ro', dst]).status).toBe(0);
};

const limitFiles: Prepare = (dst, { pid }) => {
  mkdirSync(dst);
  const limit = limitFileSizes(() => [pid]);
  onTestFinished(() => limit[Symbol.dispose]());
  limit.shrink(1024 * 1024);
};

describe.runIf(isRoot)('a copy to a place where something fails', () => {
  it.each<
    [
      what: string,
      prepare: Prepare,
      options: readonly string[],
      failed: Readonly<Record<string, string>>,
      made: readonly string[],
    ]
  >([
    [
      'a full disk',
      mountSmall,
      [],
      { 'm/large': 'no space left on device' },
      ['/a a', '/m/', '/m/b m/b', '/z z'],
    ],
    [
      'a full disk, with --resume',
      mountSmall,
      ['--resume'],
      { 'm/large': 'no space left on device' },
      ['/a a', '/m/', '/m/b m/b', '/z z'],
    ],
    [
      'a limit of the length of files',
      limitFiles,
      [],
      { 'm/large': 'file too large' },
      ['/a a', '/m/', '/m/b m/b', '/z z'],
    ],
    [
      'a disk that is read-only',
      makeReadOnly,
      [],
      Object.fromEntries(['a', 'm/b', 'm/large', 'z'].map((path) => [path, 'read-only file system'])),
      ['/m/'],
    ],
  ])('%s: names each file, copies the rest, and exits with 1', async (_, prepare, options, failed, made) => {
    await using daemon = await startDaemon();
    const folder = makeFilesFolder();
    makeSource(folder);
    prepare(join(folder, 'dst'), daemon);
    const at = `${daemon.address}:${folder}/dst`;
    const { status, stderr } = await runRexa(['cp', '-r', ...options, 'src/.', at], { cwd: folder });
    const lines = stderr.trimEnd().split('\n');
    const told = Object.entries(failed).map(([path, why]) => `rexa: cannot write ${at}/${path}: ${why}`);
    expect([status, lines.slice(0, -1).toSorted()]).toEqual([1, told.toSorted()]);
    expect(lines.at(-1)).toMatch(
      new RegExp(`^rexa: copied ${4 - told.length} files? .*, ${told.length} failed$`),
    );
    expect(listTree(join(folder, 'dst'))).toEqual(made);
  });

  it.each<[what: string, target: string, why: string]>([
    ['a name of 256 bytes', 'n'.repeat(256), 'name too long'],
    ['a path of 5,000 bytes', Array.from({ length: 50 }, () => 'd'.repeat(100)).join('/'), 'name too long'],
    ['a loop of symlinks', 'loop/x', 'too many symbolic links encountered'],
    ['a folder below a file', 'file/x', 'not a directory'],
    ['a folder that is not there', 'none/x', 'no such file or directory'],
  ])('%s: names it, and exits with 1', async (_, target, why) => {
    await using daemon = await startDaemon();
    const folder = makeFilesFolder();
    symlinkSync('loop', join(folder, 'loop'));
    writeFileSync(join(folder, 'file'), 'file');
    const words = ['cp', '-q', 'file', `${daemon.address}:${folder}/${target}`];
    const { status, stderr } = await runRexa(words, { cwd: folder });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^rexa: cannot (?:write|copy to) /)]);
    expect(stderr.slice(-300)).toContain(`: ${why}\n`);
  });
});

describe.runIf(isRoot)('a copy by a user who may not do everything', () => {
  it('names what cannot be read or written, and copies the rest', async () => {
    const folder = makeFilesFolder();
    for (const path of ['src/open', 'src/secret/in', 'dst/locked'])
      mkdirSync(join(folder, path), { recursive: true });
    for (const path of ['src/open/a', 'src/open/none', 'src/secret/in/x', 'src/z'])
      writeFileSync(join(folder, path), path);
    mkdirSync(join(folder, 'src/locked'));
    writeFileSync(join(folder, 'src/locked/y'), 'y');
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 'src/open/none'), 0);
    chmodSync(join(folder, 'src/secret'), 0o711);
    chmodSync(join(folder, 'src/secret/in'), 0);
    chmodSync(join(folder, 'src/secret'), 0o700);
    chownSync(join(folder, 'dst'), 65_534, 65_534);
    const failed: string[] = [];
    process.seteuid?.(65_534);
    try {
      const sender = await openSender({ sources: [`${folder}/src/.`] });
      const receiver = await openReceiver({ target: join(folder, 'dst') });
      for (const { path, failure, side } of await transfer(sender, receiver))
        if (failure !== null) failed.push(`${path} ${failure.code} ${side}`);
    } finally {
      process.seteuid?.(0);
    }
    expect(failed.toSorted()).toEqual([
      'locked/y EACCES destination',
      'open/none EACCES source',
      'secret EACCES source',
    ]);
    expect(listTree(join(folder, 'dst'))).toEqual(['/locked/', '/open/', '/open/a src/open/a', '/z src/z']);
  });
});

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { differences, makeOddTree } from '../../fixtures/odd-tree.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

async function cp(folder: string, ...words: readonly string[]): Promise<readonly [unknown, string]> {
  const { status, stderr } = await runRexa(['cp', '-q', ...words], { cwd: folder });
  return [status, stderr];
}

describe('options of rexa cp', () => {
  it.each(['--update', '--checksum', '--resume'])(
    '-p and %s give files that stay as they are the attributes of the source',
    async (option) => {
      await using daemon = await startDaemon();
      const folder = makeFilesFolder();
      makeOddTree(join(folder, 'src'));
      const words = ['-rp', option, 'src/.', `${daemon.address}:${folder}/dst`];
      expect(await cp(folder, ...words)).toEqual([0, '']);
      expect(differences(join(folder, 'src'), join(folder, 'dst'))).toBe('');
      for (const name of ['edge', 'above', 'big']) chmodSync(join(folder, 'src', name), 0o604);
      if (option !== '--update') utimesSync(join(folder, 'src/above'), 5, 5);
      expect(await cp(folder, ...words)).toEqual([0, '']);
      expect(differences(join(folder, 'src'), join(folder, 'dst'))).toBe('');
    },
  );

  it.each(['--update', '--checksum', '--resume'])('%s leaves a symlink that is the same', async (option) => {
    await using daemon = await startDaemon();
    const folder = makeFilesFolder();
    mkdirSync(join(folder, 'src'));
    symlinkSync('nowhere', join(folder, 'src/link'));
    const words = ['-rp', option, 'src/.', `${daemon.address}:${folder}/dst`];
    expect(await cp(folder, ...words)).toEqual([0, '']);
    const { ino } = lstatSync(join(folder, 'dst/link'));
    expect(await cp(folder, ...words)).toEqual([0, '']);
    expect(lstatSync(join(folder, 'dst/link')).ino).toBe(ino);
  });

  it('-L copies what symlinks lead to, and reports those that lead nowhere or into their own folder', async () => {
    await using daemon = await startDaemon();
    const folder = makeFilesFolder();
    mkdirSync(join(folder, 'src/in'), { recursive: true });
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other/a'), 'a');
    symlinkSync('../other', join(folder, 'src/folder'));
    symlinkSync('../other/a', join(folder, 'src/file'));
    symlinkSync('nowhere', join(folder, 'src/dangling'));
    symlinkSync('..', join(folder, 'src/in/up'));
    const [status, stderr] = await cp(folder, '-rL', 'src', `${daemon.address}:${folder}/dst`);
    expect([status, stderr.split('\n').toSorted()]).toEqual([
      1,
      [
        '',
        'rexa: cannot copy src/dangling: no such file or directory',
        'rexa: cannot copy src/in/up: is a folder that contains itself by a symlink',
      ],
    ]);
    expect(readFileSync(join(folder, 'dst/folder/a'), 'utf8')).toBe('a');
    expect(readFileSync(join(folder, 'dst/file'), 'utf8')).toBe('a');
    expect(readdirSync(join(folder, 'dst')).toSorted()).toEqual(['file', 'folder', 'in']);
  });

  it('--inplace keeps the file itself, and --durable writes it to the disk', async () => {
    await using daemon = await startDaemon();
    const folder = makeFilesFolder();
    writeFileSync(join(folder, 'new'), 'new');
    writeFileSync(join(folder, 'long'), Buffer.alloc(200_000, 'long'));
    for (const source of ['long', 'new']) {
      writeFileSync(join(folder, 'old'), 'older and longer');
      linkSync(join(folder, 'old'), join(folder, `second-${source}`));
      const { ino } = statSync(join(folder, 'old'));
      expect(await cp(folder, '--inplace', '--durable', source, `${daemon.address}:${folder}/old`)).toEqual([
        0,
        '',
      ]);
      expect(statSync(join(folder, 'old')).ino).toBe(ino);
      const expected = readFileSync(join(folder, source));
      expect(readFileSync(join(folder, `second-${source}`)).equals(expected)).toBe(true);
    }
    expect(await cp(folder, '--durable', 'long', `${daemon.address}:${folder}/durable`)).toEqual([0, '']);
    expect(statSync(join(folder, 'durable')).size).toBe(200_000);
  });

  it('writes into a FIFO and a device, and names FIFOs in a tree', async () => {
    await using daemon = await startDaemon();
    const folder = makeFilesFolder();
    const data = Buffer.alloc(500_000, 'data');
    writeFileSync(join(folder, 'a'), data);
    mkdirSync(join(folder, 'tree'));
    execFileSync('mkfifo', [join(folder, 'fifo'), join(folder, 'tree/fifo')]);
    const at = `${daemon.address}:${folder}`;
    expect(await cp(folder, 'a', `${at}/fifo`)).toEqual([
      1,
      `rexa: cannot copy to ${folder}/fifo: nobody reads this FIFO, or it is a socket\n`,
    ]);
    const reader = runRexa([join(folder, 'fifo')], { program: '/bin/cat' });
    let status: unknown = 1;
    // Until cat has opened it
    while (status !== 0) [status] = await cp(folder, 'a', `${at}/fifo`);
    expect((await reader).stdout.equals(data)).toBe(true);
    expect(await cp(folder, 'a', `${daemon.address}:/dev/null`)).toEqual([0, '']);
    expect(await cp(folder, '-r', 'tree', `${at}/dst`)).toEqual([
      1,
      'rexa: cannot copy tree/fifo: is a FIFO, which is not copied\n',
    ]);
  });
});

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownUmask } from '../../../src/files/receive/own-umask.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { differences, listTree, makeOddTree } from '../../fixtures/odd-tree.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

/** Runs `rexa cp` in a folder. @returns status and stdout, and stderr without `rexa: ` */
async function cp(folder: string, ...words: readonly string[]): Promise<readonly [unknown, string]> {
  const { status, stderr } = await runRexa(['cp', ...words], { cwd: folder });
  return [status, stderr.replace(/ \(.* in .* s\)/, '')];
}

async function setUp(): Promise<{ daemon: TestDaemon; folder: string; at: (path: string) => string }> {
  const daemon = await startDaemon({ words: ['--audit', join(makeFilesFolder(), 'audit')] });
  const folder = makeFilesFolder();
  return { daemon, folder, at: (path) => `${daemon.address}:${folder}/${path}` };
}

describe('rexa cp', () => {
  it('copies an odd tree to a host, from it and between hosts, with all attributes', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    const from = join(folder, 'tree');
    makeOddTree(from);
    for (const [index, words] of [
      ['tree', at('1')],
      [at('tree'), '2'],
      [at('tree'), at('3')],
      ['tree/.', at('4')],
      [at('tree/'), '5/'],
    ].entries()) {
      const [status] = await cp(folder, '-rp', ...words);
      expect(status).toBe(0);
      expect(differences(from, join(folder, String(index + 1)))).toBe('');
    }
    expect(statSync(join(folder, '2', 'sparse')).blocks).toBeLessThan(1000);
  });

  it('puts sources where cp(1) puts them', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    mkdirSync(join(folder, 'src/in'), { recursive: true });
    writeFileSync(join(folder, 'src/in/a'), 'a');
    writeFileSync(join(folder, 'b'), 'b');
    symlinkSync('b', join(folder, 'link'));
    mkdirSync(join(folder, 'there'));
    const rows: readonly (readonly [words: readonly string[], made: string])[] = [
      [['b', at('new')], 'new'],
      [['b', at('there')], 'there/b'],
      [['b', at('there/')], 'there/b'],
      [['b', 'src/in/a', at('there')], 'there/a'],
      [['-r', 'src', at('there')], 'there/src/in/a'],
      [['-r', 'src/', at('there')], 'there/src/in/a'],
      [['-r', 'src', at('made')], 'made/in/a'],
      [['-r', 'src', at('made2/')], 'made2/in/a'],
      [['-r', 'src/.', at('there')], 'there/in/a'],
      [['-r', 'src/in/..', at('merged')], 'merged/in/a'],
      [['link', at('followed')], 'followed'],
      [['-r', '-L', 'link', at('followed2')], 'followed2'],
      [[at('b'), at('src/in/a'), 'there'], 'there/a'],
    ];
    for (const [words, made] of rows) {
      expect([words, await cp(folder, '-q', ...words)]).toEqual([words, [0, '']]);
      expect([words, statSync(join(folder, made)).isFile()]).toEqual([words, true]);
    }
    expect(await cp(folder, '-rq', 'link', at('as-link'))).toEqual([0, '']);
    expect(readlinkSync(join(folder, 'as-link'))).toBe('b');
  });

  it('names each file that fails, copies the rest, and exits with 1', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/a'), 'a');
    writeFileSync(join(folder, 'src/b'), 'b');
    mkdirSync(join(folder, 'dst/src/a'), { recursive: true });
    expect(await cp(folder, '-r', 'src', at('dst'))).toEqual([
      1,
      `rexa: cannot write ${at('dst/src/a')}: a folder of that name exists\nrexa: copied 1 file, 1 failed\n`,
    ]);
    expect(readFileSync(join(folder, 'dst/src/b'), 'utf8')).toBe('b');
    expect(await cp(folder, '-q', 'missing', at('x'))).toEqual([
      1,
      'rexa: cannot copy missing: no such file or directory\n',
    ]);
    expect(await cp(folder, '-q', 'src', at('x'))).toEqual([
      1,
      'rexa: cannot copy src: is a folder; -r copies folders\n',
    ]);
    const target = `${folder}/none/x`;
    expect(await cp(folder, '-q', 'src/a', at('none/x'))).toEqual([
      1,
      `rexa: cannot copy to ${target}: no such file or directory\n`,
    ]);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  it('exits with 125 for a host that cannot be reached, and for a wrong command line', async () => {
    const folder = makeFilesFolder();
    writeFileSync(join(folder, 'a'), 'a');
    expect((await cp(folder, 'a', `unix:${folder}/no.sock:/x`))[0]).toBe(125);
    expect((await cp(folder, 'a', 'b'))[0]).toBe(125);
    expect((await cp(folder, '--delete', 'a', 'unix:/x:b'))[0]).toBe(125);
  });

  it('never follows a symlink below the destination', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    mkdirSync(join(folder, 'src/in'), { recursive: true });
    writeFileSync(join(folder, 'src/in/a'), 'a');
    writeFileSync(join(folder, 'src/f'), 'new');
    mkdirSync(join(folder, 'outside'));
    writeFileSync(join(folder, 'victim'), 'old');
    mkdirSync(join(folder, 'dst/src'), { recursive: true });
    symlinkSync('../../outside', join(folder, 'dst/src/in'));
    symlinkSync('../../victim', join(folder, 'dst/src/f'));
    const [status] = await cp(folder, '-r', 'src', at('dst'));
    expect(status).toBe(1);
    expect(readdirSync(join(folder, 'outside'))).toEqual([]);
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('old');
    expect(readFileSync(join(folder, 'dst/src/f'), 'utf8')).toBe('new');
  });

  it('keeps the mode of a file that it replaces, and the umask for a new one', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    writeFileSync(join(folder, 'a'), 'new', { mode: 0o755 });
    writeFileSync(join(folder, 'old'), 'old');
    chmodSync(join(folder, 'old'), 0o640);
    await cp(folder, 'a', at('old'));
    await cp(folder, 'a', at('fresh'));
    expect(statSync(join(folder, 'old')).mode & 0o7777).toBe(0o640);
    expect(statSync(join(folder, 'fresh')).mode & 0o7777).toBe(0o755 & ~ownUmask());
    expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('new');
  });

  it('writes stdin into a file, and a file to stdout', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    const input = Buffer.alloc(2_000_003, 'input ');
    expect((await runRexa(['cp', '-', at('in')], { input })).status).toBe(0);
    expect(readFileSync(join(folder, 'in')).equals(input)).toBe(true);
    const { status, stdout } = await runRexa(['cp', '-q', at('in'), '-']);
    expect([status, stdout.equals(input)]).toEqual([0, true]);
    expect((await runRexa(['cp', '-q', at('missing'), '-'])).status).toBe(1);
  });

  it('with --update and --checksum copies only what has changed', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    mkdirSync(join(folder, 'src'));
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, 'src', name), name);
    await cp(folder, '-rpq', 'src', at('dst'));
    writeFileSync(join(folder, 'src/b'), 'B');
    expect(await cp(folder, '-rp', '--update', 'src/.', at('dst'))).toEqual([
      0,
      'rexa: copied 1 file, 2 unchanged\n',
    ]);
    utimesSync(join(folder, 'src/a'), 1, 1);
    expect(await cp(folder, '-r', '--checksum', 'src/.', at('dst'))).toEqual([
      0,
      'rexa: copied 0 files, 3 unchanged\n',
    ]);
    expect(readFileSync(join(folder, 'dst/b'), 'utf8')).toBe('B');
  });

  it('with --delete removes what the source lacks, and with --exclude neither copies nor removes', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    mkdirSync(join(folder, 'src/in'), { recursive: true });
    writeFileSync(join(folder, 'src/in/a'), 'a');
    writeFileSync(join(folder, 'src/in/a.o'), 'object');
    mkdirSync(join(folder, 'dst/in/old/er'), { recursive: true });
    writeFileSync(join(folder, 'dst/in/old/er/x'), 'x');
    writeFileSync(join(folder, 'dst/in/kept.o'), 'kept');
    const words = ['-r', '--delete', '--exclude', '*.o', 'src/.', at('dst')];
    const dry = await runRexa(['cp', '--dry-run', '-q', ...words], { cwd: folder });
    expect([dry.status, dry.stdout.toString().split('\n').toSorted()]).toEqual([
      0,
      ['', 'copy in/a', `delete ${folder}/dst/in/old`],
    ]);
    expect(existsSync(join(folder, 'dst/in/old/er/x'))).toBe(true);
    expect(await cp(folder, ...words)).toEqual([0, 'rexa: copied 1 file, 1 deleted\n']);
    expect(listTree(join(folder, 'dst'))).toEqual(['/in/', '/in/a a', '/in/kept.o kept']);
  });

  it('with --glob matches names of the host, and without it takes them as they are', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    for (const name of ['a.log', 'b.log', '.c.log', '*']) {
      mkdirSync(join(folder, 'src', name), { recursive: true });
      writeFileSync(join(folder, 'src', name, `${name}.x`), name);
    }
    mkdirSync(join(folder, 'dst'));
    expect(await cp(folder, '-q', '--glob', at('src/*.log/?.l*'), 'dst')).toEqual([0, '']);
    expect(readdirSync(join(folder, 'dst')).toSorted()).toEqual(['a.log.x', 'b.log.x']);
    expect(await cp(folder, '-rq', at('src/*'), 'dst')).toEqual([0, '']);
    expect(readdirSync(join(folder, 'dst')).toSorted()).toEqual(['*', 'a.log.x', 'b.log.x']);
    expect((await cp(folder, '-q', '--glob', at('src/*.none'), 'dst'))[0]).toBe(1);
  });

  it('with --dry-run makes no folder', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    mkdirSync(join(folder, 'src/in'), { recursive: true });
    writeFileSync(join(folder, 'src/in/a'), 'a');
    const { status, stdout } = await runRexa(['cp', '-rq', '--dry-run', 'src', at('dst')], { cwd: folder });
    expect([status, stdout.toString()]).toEqual([0, 'copy src/in/a\n']);
    expect(existsSync(join(folder, 'dst'))).toBe(false);
  });

  it('prints JSON for each entry and a summary', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    writeFileSync(join(folder, 'a'), 'abc');
    const { status, stdout } = await runRexa(['cp', '--json', 'a', at('b')], { cwd: folder });
    const lines = stdout.toString().trimEnd().split('\n');
    expect([status, ...lines.map((line) => JSON.parse(line) as unknown)]).toEqual([
      0,
      {
        type: 'entry',
        kind: 'file',
        status: 'copied',
        path: 'a',
        side: null,
        from: 'a',
        to: at('b'),
        size: 3,
        reusedBytes: 0,
        code: null,
        message: null,
      },
      {
        type: 'summary',
        bytes: 3,
        reusedBytes: 0,
        copied: 1,
        unchanged: 0,
        deleted: 0,
        failed: 0,
        complete: true,
        exitStatus: 0,
        savedBytes: 0,
        deletionStopped: false,
        code: null,
        message: null,
      },
    ]);
  });
});

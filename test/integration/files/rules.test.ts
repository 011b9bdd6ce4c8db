import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CopiedEntry, connect } from '../../../src/client/index.ts';
import { ownUmask } from '../../../src/files/receive/own-umask.ts';
import { codeOfAsync } from '../../fixtures/auth/fixtures.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { listTree } from '../../fixtures/odd-tree.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';

/** Writes files, by their paths. */
function writeTree(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

async function setUp(
  files: Readonly<Record<string, string>> = {},
): Promise<{ daemon: TestDaemon; folder: string; at: (path: string) => string }> {
  const daemon = await startDaemon();
  const folder = makeFilesFolder();
  writeTree(folder, files);
  return { daemon, folder, at: (path) => `${daemon.address}:${folder}/${path}` };
}

async function cp(
  folder: string,
  words: readonly string[],
  input = '',
): Promise<{ readonly status: unknown; readonly stdout: string; readonly stderr: string }> {
  const { status, stdout, stderr } = await runRexa(['cp', '-q', ...words], { cwd: folder, input });
  return { status, stdout: stdout.toString(), stderr };
}

/** Opens a FIFO for reading. @returns what was written to it */
function openFifo(path: string): () => string {
  execFileSync('mkfifo', [path]);
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(descriptor));
  return () => {
    const into = Buffer.alloc(100);
    return into.toString('latin1', 0, readSync(descriptor, into));
  };
}

describe('the rules of rexa cp', () => {
  it('--dry-run writes neither to a FIFO nor to stdout', async () => {
    const { daemon, folder, at } = await setUp({ a: 'data' });
    await using _ = daemon;
    const read = openFifo(join(folder, 'fifo'));
    expect(await cp(folder, ['--dry-run', 'a', at('fifo')])).toMatchObject({ status: 0, stdout: 'copy a\n' });
    expect(await cp(folder, ['--dry-run', at('a'), 'fifo'])).toMatchObject({ status: 0, stdout: 'copy a\n' });
    expect(read()).toBe('');
    expect(await cp(folder, ['--dry-run', at('a'), '-'])).toMatchObject({ status: 0, stdout: 'copy a\n' });
  });

  it('neither stdout nor a FIFO takes a folder', async () => {
    const { daemon, folder, at } = await setUp({ 'tree/in/a': 'data', 'tree/b': 'data' });
    await using _ = daemon;
    const read = openFifo(join(folder, 'fifo'));
    const message = 'the destination takes the data of one file';
    for (const words of [
      ['-r', at('tree'), '-'],
      ['-r', '--resume', at('tree'), '-'],
      ['-r', '--dry-run', at('tree'), '-'],
      ['-r', 'tree', at('fifo')],
      ['-r', '--update', at('tree/.'), 'fifo'],
    ]) {
      const { status, stdout, stderr } = await cp(folder, words);
      expect([words, status, stdout]).toEqual([words, 1, '']);
      expect([words, stderr.trimEnd().split('\n')]).toEqual([words, [expect.stringContaining(message)]]);
    }
    expect(read()).toBe('');
  });

  it('--exclude with a slash is about the path below SRC, also where SRC goes into DST under its name', async () => {
    const { daemon, folder, at } = await setUp({
      'site/index': '1',
      'dst/site/cache/keep': '1',
      'dst/site/cache/other': '1',
      'dst/site/old': '1',
    });
    await using _ = daemon;
    const words = ['-r', '--delete', '--exclude', 'cache/keep', 'site'];
    expect((await cp(folder, [...words, at('dst')])).status).toBe(0);
    expect(listTree(join(folder, 'dst'))).toEqual([
      '/site/',
      '/site/cache/',
      '/site/cache/keep 1',
      '/site/index 1',
    ]);
    // Under another name, and below the destination itself
    writeTree(folder, { 'as/cache/keep': '1', 'as/old': '1' });
    expect((await cp(folder, ['-r', '--delete', '--exclude', '/cache', 'site/.', at('as')])).status).toBe(0);
    expect(listTree(join(folder, 'as'))).toEqual(['/cache/', '/cache/keep 1', '/index 1']);
  });

  it('--delete takes one source', async () => {
    const { daemon, folder, at } = await setUp({ 'a/x': '1', 'b/y': '1', 'd/z': '1' });
    await using _ = daemon;
    expect((await cp(folder, ['-r', '--delete', 'a/.', 'b/.', at('d')])).status).toBe(125);
    const host = await connect(daemon.address, { config: false });
    onTestFinished(() => host.close());
    const local = [join(folder, 'a/.'), join(folder, 'b/.')];
    const remote = join(folder, 'd');
    expect(await codeOfAsync(() => host.copy({ local }, { remote }, { recursive: true, delete: true }))).toBe(
      'USAGE',
    );
    expect(listTree(remote)).toEqual(['/z 1']);
  });

  it('what stdin holds gets the mode of a new file, also with -p', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    for (const words of [[], ['-p'], ['-p', '--update'], ['-p', '--inplace']]) {
      const name = `f${words.join('')}`;
      expect((await cp(folder, [...words, '-', at(name)], 'data')).status).toBe(0);
      expect([words, statSync(join(folder, name)).mode & 0o7777]).toEqual([words, 0o666 & ~ownUmask()]);
    }
  });

  it('--inplace gives a new file the mode of its source, and keeps that of one that exists', async () => {
    const { daemon, folder, at } = await setUp({ 'dst/old': 'old' });
    await using _ = daemon;
    writeFileSync(join(folder, 'a'), 'new', { mode: 0o755 });
    const before = statSync(join(folder, 'dst/old'));
    for (const name of ['fresh', 'old'])
      expect((await cp(folder, ['--inplace', 'a', at(`dst/${name}`)])).status).toBe(0);
    expect(statSync(join(folder, 'dst/fresh')).mode & 0o7777).toBe(0o755 & ~ownUmask());
    const after = statSync(join(folder, 'dst/old'));
    expect([after.mode, after.ino]).toEqual([before.mode, before.ino]);
  });

  it('a second source of the same name is refused, and folders are merged', async () => {
    const { daemon, folder, at } = await setUp({ 'p1/x': '1', 'p2/x': '2', 'q1/t/a': '1', 'q2/t/b': '2' });
    await using _ = daemon;
    mkdirSync(join(folder, 'd'));
    expect((await cp(folder, ['p1/x', 'p2/x', at('d/')])).status).toBe(1);
    expect(readFileSync(join(folder, 'd/x'), 'utf8')).toBe('1');
    expect((await cp(folder, ['p1/x', at('p2/x'), at('d/')])).status).toBe(125);
    expect((await cp(folder, ['-r', 'q1/t', 'q2/t', at('d/')])).status).toBe(0);
    expect(listTree(join(folder, 'd'))).toEqual(['/t/', '/t/a 1', '/t/b 2', '/x 1']);
  });

  it('a file here whose name looks like HOST:PATH is refused with the way to write it', async () => {
    const { daemon, folder, at } = await setUp({ '2024-10:00.log': 'log', a: 'a' });
    await using _ = daemon;
    const { status, stderr } = await cp(folder, ['2024-10:00.log', at('x')]);
    expect([status, stderr]).toEqual([125, expect.stringContaining('write ./2024-10:00.log')]);
    expect((await cp(folder, ['./2024-10:00.log', at('x')])).status).toBe(0);
    const config = join(folder, 'config.yaml');
    writeFileSync(config, `hosts:\n  2024-10:\n    address: ${daemon.address}\n`, { mode: 0o600 });
    writeTree(folder, { home: '' });
    const asHost = await cp(folder, ['--config', config, '2024-10:00.log', 'y']);
    expect(asHost.stderr).toContain('no such file');
  });

  it('a source with too long a path fails alone', async () => {
    const { daemon, folder, at } = await setUp({ a: 'a' });
    await using _ = daemon;
    mkdirSync(join(folder, 'd'));
    const { status } = await cp(folder, ['x'.repeat(5001), `y/${'x'.repeat(5001)}`, 'a', at('d')]);
    expect([status, listTree(join(folder, 'd'))]).toEqual([1, ['/a a']]);
  });

  it('ends with 141 where the reader of stdout has closed it', async () => {
    const { daemon, folder, at } = await setUp({});
    await using _ = daemon;
    writeFileSync(join(folder, 'big'), Buffer.alloc(50_000_000, 'x'));
    for (const words of [
      [at('big'), '-'],
      ['--json', at('big'), 'copy'],
      ['--dry-run', at('big'), 'copy'],
    ]) {
      const copying = startRexa(['cp', '-q', ...words], { cwd: folder });
      copying.child.stdout?.destroy();
      const { status, stderr } = await copying.exit;
      expect([words, status, stderr]).toEqual([words, 141, '']);
    }
  });

  it('ends at once on a signal while a host is silent, and names in JSON what ended it', async () => {
    const folder = makeFilesFolder();
    writeFileSync(join(folder, 'a'), 'a');
    const server = createServer(() => undefined).listen(join(folder, 'silent'));
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    chmodSync(join(folder, 'silent'), 0o600);
    const connected = once(server, 'connection');
    const copying = startRexa(['cp', '--json', 'a', `unix:${folder}/silent:/x`], { cwd: folder });
    await connected;
    copying.child.kill('SIGINT');
    const { status, stderr } = await copying.exit;
    expect([status, stderr]).toEqual([130, expect.stringContaining('interrupted by SIGINT')]);
    const missing = await runRexa(['cp', '--json', 'a', `unix:${folder}/none:/x`], { cwd: folder });
    const summary = JSON.parse(missing.stdout.toString()) as object;
    expect([missing.status, summary]).toEqual([
      125,
      expect.objectContaining({
        code: expect.stringMatching(/^[A-Z_]+$/) as string,
        exitStatus: 125,
        complete: false,
      }),
    ]);
  });

  it('the library gets paths as they are, and refuses what is no path', async () => {
    const { daemon, folder } = await setUp({ 'tree/new\nline\u202e': 'a' });
    await using _ = daemon;
    symlinkSync('a', Buffer.concat([Buffer.from(`${folder}/tree/`), Buffer.of(0xff)]));
    const host = await connect(daemon.address, { config: false });
    onTestFinished(() => host.close());
    const entries: CopiedEntry[] = [];
    const copying = { recursive: true, handleEntry: (entry: CopiedEntry) => void entries.push(entry) };
    await host.copy({ local: join(folder, 'tree') }, { remote: join(folder, 'made') }, copying);
    expect(entries.map(({ path }) => path).toSorted()).toEqual([
      'tree',
      'tree/new\nline\u202e',
      'tree/\udcff',
    ]);
    const remote = join(folder, 'x');
    for (const [from, to, code] of [
      [{ local: '' }, { remote }, 'USAGE'],
      [{ local: [] }, { remote }, 'USAGE'],
      [{ local: ['a', ''] }, { remote }, 'USAGE'],
      [{ remote }, { local: '' }, 'USAGE'],
      [{ local: 'a\0b' }, { remote }, 'FILES_INCOMPLETE'],
      [{ remote: 'a\0b' }, { local: remote }, 'FILES_INCOMPLETE'],
      [{ local: join(folder, 'tree') }, { remote: 'a\0b' }, 'FILES_TARGET'],
      [{ remote }, { local: 'a\0b' }, 'FILES_TARGET'],
    ] as const)
      expect([from, to, await codeOfAsync(() => host.copy(from, to))]).toEqual([from, to, code]);
  });
});

describe('rexa cp of a file or folder to itself', () => {
  it('is refused, whatever leads there, and changes nothing', async () => {
    const { daemon, folder, at } = await setUp({ 'it/a': 'data', 'it/in/b': 'b', 'other/x': 'x' });
    await using _ = daemon;
    linkSync(join(folder, 'it/a'), join(folder, 'other/a'));
    symlinkSync('it', join(folder, 'to-it'));
    symlinkSync('a', join(folder, 'it/to-a'));
    const before = listTree(folder);
    for (const words of [
      ['it/a', at('it/a')],
      ['--inplace', 'it/a', at('it/a')],
      ['--inplace', at('it/a'), 'it'],
      ['--inplace', at('it/a'), at('it/to-a')],
      ['--inplace', '-r', 'it/a', at('to-it/a')],
      ['-r', 'it', at('it/new')],
      ['-r', 'it', at('it/in')],
      ['-r', 'it/.', at('it/in')],
      ['-r', 'it', at('')],
      ['-r', at('to-it/.'), 'it/new'],
      ['-r', '--delete', 'it/.', at('it')],
    ]) {
      const { status, stderr } = await cp(folder, words);
      expect([words, status, listTree(folder)]).toEqual([words, 1, before]);
      expect([words, stderr]).toEqual([words, expect.stringMatching(/same file|itself/)]);
    }
    // Hard links are names of one file, too
    const { status } = await cp(folder, ['--inplace', '-r', 'it/.', at('other')]);
    expect([status, readFileSync(join(folder, 'it/a'), 'utf8')]).toEqual([1, 'data']);
  });

  it('--dry-run counts a hard link that is there as unchanged', async () => {
    const { daemon, folder, at } = await setUp({ 'tree/a': 'data' });
    await using _ = daemon;
    linkSync(join(folder, 'tree/a'), join(folder, 'tree/b'));
    expect((await cp(folder, ['-rp', 'tree', at('made')])).status).toBe(0);
    const words = ['-rp', '--update', '--dry-run', 'tree/.', at('made')];
    expect(await cp(folder, words)).toMatchObject({ status: 0, stdout: '' });
  });
});

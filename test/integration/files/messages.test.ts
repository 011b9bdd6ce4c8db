import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CopySource, type CopyTarget, connect } from '../../../src/client/index.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { listTree } from '../../fixtures/odd-tree.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

interface Setting {
  readonly daemon: TestDaemon;
  readonly folder: string;
  /** The path of a host. */
  readonly at: (path: string) => string;
}

async function setUp(env: Readonly<Record<string, string>> = {}): Promise<Setting> {
  const daemon = await startDaemon({ env });
  const folder = makeFilesFolder();
  return { daemon, folder, at: (path) => `${daemon.address}:${folder}/${path}` };
}

/** A tree in which two files cannot be copied: a folder has the name of one, the other one is a loop. */
function makeFailing(folder: string): void {
  mkdirSync(join(folder, 'src/in'), { recursive: true });
  writeFileSync(join(folder, 'src/in/a'), 'a');
  writeFileSync(join(folder, 'src/b'), 'b');
  mkdirSync(join(folder, 'dst/src/in/a'), { recursive: true });
}

const linesOf = (stdout: Buffer): readonly Record<string, unknown>[] =>
  stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('messages of rexa cp about entries', () => {
  it.each<[words: (at: Setting['at']) => readonly string[], told: (at: Setting['at']) => string]>([
    [(at) => ['src', at('dst')], (at) => `write ${at('dst/src/in/a')}: a folder of that name exists`],
    [(at) => [at('src'), 'dst'], () => 'write dst/src/in/a: a folder of that name exists'],
    [(at) => [at('src'), at('dst/')], (at) => `write ${at('dst/src/in/a')}: a folder of that name exists`],
    [(at) => ['src/.', at('dst/src')], (at) => `write ${at('dst/src/in/a')}: a folder of that name exists`],
    [(at) => ['none', 'src/b', at('dst')], () => 'copy none: no such file or directory'],
    [(at) => [at('src/b'), at('none'), 'dst'], (at) => `copy ${at('none')}: no such file or directory`],
  ])('%s names side and whole path', async (words, told) => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    makeFailing(folder);
    const { status, stderr } = await runRexa(['cp', '-rq', ...words(at)], { cwd: folder });
    expect([status, stderr]).toEqual([1, `rexa: cannot ${told(at)}\n`]);
  });

  it('as JSON have the side that failed, and the path at both sides', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    makeFailing(folder);
    const { stdout } = await runRexa(['cp', '-rq', '--json', 'src', at('dst')], { cwd: folder });
    const found = linesOf(stdout).flatMap(({ path, side, from, to, type }) =>
      type === 'entry' ? [[path, side, from, to]] : [],
    );
    expect(found.toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1))).toEqual([
      ['src', null, 'src', at('dst/src')],
      ['src/b', null, 'src/b', at('dst/src/b')],
      ['src/in', null, 'src/in', at('dst/src/in')],
      ['src/in/a', 'destination', 'src/in/a', at('dst/src/in/a')],
    ]);
  });

  it('say that --delete has removed nothing more after a read error', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    mkdirSync(join(folder, 'src/in'), { recursive: true });
    mkdirSync(join(folder, 'dst/old'), { recursive: true });
    // A socket cannot be read
    await using inner = await startDaemon({ words: ['--listen', `unix:${folder}/src/in/socket`] });
    expect(inner.listening).toHaveLength(2);
    const words = ['-r', '--delete', '--json', 'src/.', at('dst')];
    const { status, stdout, stderr } = await runRexa(['cp', '-q', ...words], { cwd: folder });
    expect([status, linesOf(stdout).at(-1)]).toMatchObject([1, { deletionStopped: true, deleted: 0 }]);
    expect(stderr).toContain('--delete removed nothing more after a source could not be read');
    expect(readdirSync(join(folder, 'dst'))).toContain('old');
  });

  it('wait for whoever reads them', async () => {
    const { daemon, folder, at } = await setUp();
    await using _ = daemon;
    mkdirSync(join(folder, 'src'));
    for (let n = 0; n < 5000; n++) writeFileSync(join(folder, 'src', `file-${n}`), '');
    const copying = startRexa(['cp', '-rq', '--json', 'src', at('dst')], { cwd: folder });
    copying.child.stdout?.pause();
    await waitUntil('the first files', () => readdirSync(folder).includes('dst'));
    copying.child.stdout?.resume();
    const { status, stdout } = await copying.exit;
    expect([status, linesOf(stdout).length]).toEqual([0, 5002]);
  });
});

describe('a home folder', () => {
  it.each([
    ['home', ['~'], 'there', 'there/home/a'],
    ['home', ['~/'], 'there/', 'there/home/a'],
    ['home', ['~', 'other'], 'there', 'there/home/a'],
    ['home', ['~'], 'new', 'new/a'],
    ['home', ['~/.'], 'there', 'there/a'],
    ['home', [''], 'there', 'there/home/a'],
    ['.hidden', ['~'], 'new', 'new/a'],
    ['.hidden', ['~'], 'there', null],
  ])('%s is copied from %j to %s', async (name, paths, target, made) => {
    const folder = makeFilesFolder();
    const home = join(folder, name);
    for (const each of [home, join(folder, 'there'), join(home, 'other')]) mkdirSync(each);
    writeFileSync(join(home, 'a'), 'a');
    const { daemon } = await setUp({ HOME: home });
    await using _ = daemon;
    const words = ['cp', '-rq', ...paths.map((path) => `${daemon.address}:${path}`), target];
    const { status, stderr } = await runRexa(words, { cwd: folder });
    expect([status, stderr]).toEqual(
      made === null ? [1, expect.stringContaining('the host chooses this name')] : [0, ''],
    );
    if (made === null) expect(listTree(join(folder, 'there'))).toEqual([]);
    else expect(readFileSync(join(folder, made), 'utf8')).toBe('a');
  });
});

describe('a copy whose signal is aborted', () => {
  it.each<[string, (from: string, to: string) => readonly [CopySource, CopyTarget]]>([
    ['to a host', (from, to) => [{ local: from }, { remote: to }]],
    ['from a host', (from, to) => [{ remote: from }, { local: to }]],
    ['between hosts', (from, to) => [{ remote: from }, { remote: to }]],
  ])('%s is rejected as canceled, and tells how far it came', async (_, choose) => {
    await using daemon = await startDaemon();
    const host = await connect(daemon.address, { config: false });
    onTestFinished(() => host.close());
    const folder = makeFilesFolder();
    mkdirSync(join(folder, 'dst'));
    writeFileSync(join(folder, 'large'), Buffer.alloc(200_000_000, 'data'));
    const controller = new AbortController();
    const [from, to] = choose(join(folder, 'large'), join(folder, 'dst/large'));
    const copying = host.copy(from, to, { signal: controller.signal, resume: true });
    await waitUntil('a part of it', () =>
      readdirSync(join(folder, 'dst')).some((name) => statSync(join(folder, 'dst', name)).size > 1e6),
    );
    const reason = new Error('enough');
    controller.abort(reason);
    const error = (await copying.catch((rejected: unknown) => rejected)) as Error;
    expect(error).toMatchObject({
      code: 'CANCELED',
      message: 'the copy was canceled',
      result: { copied: 0, isFinished: false, knownBytes: 200_000_000 },
    });
    expect(error.cause).toBe(reason);
  });
});

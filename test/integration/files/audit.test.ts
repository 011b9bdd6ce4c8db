import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

interface Line {
  readonly event: string;
  readonly files: readonly Record<string, unknown>[];
}

interface Setting {
  readonly daemon: TestDaemon;
  readonly folder: string;
  readonly at: (path: string) => string;
  /** What the audit says of all transfers that are over, with paths below the folder. */
  readonly entries: () => readonly string[];
  readonly lines: () => readonly Line[];
}

async function setUp(): Promise<Setting> {
  const folder = makeFilesFolder();
  const audit = join(makeFilesFolder(), 'audit');
  const daemon = await startDaemon({ words: ['--audit', audit] });
  const lines = () =>
    readFileSync(audit, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line.replaceAll(`${folder}/`, '')) as Line);
  return {
    daemon,
    folder,
    at: (path) => `${daemon.address}:${folder}/${path}`,
    lines,
    entries: () =>
      lines()
        .filter(({ event }) => event === 'files-read' || event === 'files-written')
        .flatMap(({ files }) => files.map((entry) => Object.values(entry).join(' '))),
  };
}

async function cp(folder: string, ...words: readonly string[]): Promise<unknown> {
  return (await runRexa(['cp', '-q', ...words], { cwd: folder })).status;
}

describe('the audit of a copy', () => {
  it('has files, links and folders, of both directions', async () => {
    const { daemon, folder, at, entries, lines } = await setUp();
    await using _ = daemon;
    mkdirSync(join(folder, 'src/in'), { recursive: true });
    writeFileSync(join(folder, 'src/in/a'), 'abc');
    linkSync(join(folder, 'src/in/a'), join(folder, 'src/in/b'));
    symlinkSync('in/a', join(folder, 'src/l'));
    expect(await cp(folder, '-r', 'src', at('dst'))).toBe(0);
    expect(await cp(folder, '-r', at('dst'), 'back')).toBe(0);
    // Which one of two names of a file comes first, the file system decides
    const found = entries().map((line) => line.replace('in/b', 'in/a'));
    const each = [
      'folder dst',
      'folder dst/in',
      `file dst/in/a 3 ${ABC}`,
      'hardlink dst/in/a',
      'link dst/l in/a',
    ];
    expect(found.toSorted()).toEqual([...each, ...each].toSorted());
    expect(lines().find(({ event }) => event === 'write-files-ended')).toMatchObject({
      files: 1,
      bytes: 3,
      others: { folder: 2, hardlink: 1, link: 1 },
    });
  });

  it('has what --delete removed, each name of it, and attributes that changed alone', async () => {
    const { daemon, folder, at, entries } = await setUp();
    await using _ = daemon;
    mkdirSync(join(folder, 'src'));
    mkdirSync(join(folder, 'dst/old/er'), { recursive: true });
    for (const path of ['src/a', 'dst/a', 'dst/old/er/x', 'dst/y']) writeFileSync(join(folder, path), 'abc');
    chmodSync(join(folder, 'dst/a'), 0o600);
    expect(await cp(folder, '-rp', '--delete', '--checksum', 'src/.', at('dst'))).toBe(0);
    expect(entries().toSorted()).toEqual([
      'attributes dst',
      'attributes dst/a',
      'deleted dst/old',
      'deleted dst/old/er',
      'deleted dst/old/er/x',
      'deleted dst/y',
    ]);
  });

  it('has the hash of a file that was told with --checksum', async () => {
    const { daemon, folder, at, entries } = await setUp();
    await using _ = daemon;
    for (const path of ['a', 'b']) writeFileSync(join(folder, path), 'abc');
    expect(await cp(folder, '--checksum', at('a'), 'b')).toBe(0);
    expect(entries()).toEqual([`hashed a ${ABC}`]);
  });

  it('has what was written into a FIFO, by its name or as the destination', async () => {
    const { daemon, folder, at, entries } = await setUp();
    await using _ = daemon;
    writeFileSync(join(folder, 'a'), 'abc');
    for (const path of ['fifo', 'dst/a']) {
      mkdirSync(join(folder, 'dst'), { recursive: true });
      execFileSync('mkfifo', [join(folder, path)]);
      // Opened for both directions: nobody waits
      const reader = spawn('sh', ['-c', `exec 3<>"$0"; head -c 3 <&3`, join(folder, path)], {
        stdio: 'ignore',
      });
      const closed = once(reader, 'close');
      await waitUntil('a reader', async () => (await cp(folder, 'a', at(path.replace('/a', '')))) === 0);
      await closed;
    }
    expect(entries()).toEqual([`special fifo 3 ${ABC}`, `special dst/a 3 ${ABC}`]);
  });

  it.each<[what: string, words: readonly string[], isFromHost: boolean, entry: RegExp]>([
    ['the part of a file that was read', [], true, /^partial large \d{7,}$/],
    ['the part of a file that was written in its place', ['--inplace'], false, /^partial copy \d{7,}$/],
    ['an incomplete file that is kept', ['--resume'], false, /^partial \.copy\.rexa-part \d{7,}$/],
  ])('has %s by a copy that was killed', async (_, words, isFromHost, entry) => {
    const { daemon, folder, at, entries, lines } = await setUp();
    await using _daemon = daemon;
    writeFileSync(join(folder, 'large'), Buffer.alloc(300_000_000, 'data'));
    const operands = isFromHost ? [at('large'), 'copy'] : ['large', at('copy')];
    const copying = startRexa(['cp', '-q', ...words, ...operands], { cwd: folder });
    await waitUntil('a part of it', () =>
      readdirSync(folder).some((name) => name.includes('copy') && statSync(join(folder, name)).size > 1e7),
    );
    copying.child.kill('SIGINT');
    await copying.exit;
    await waitUntil('the end in the audit', () => lines().some(({ event }) => event.endsWith('-ended')));
    expect(entries()).toEqual([expect.stringMatching(entry)]);
  });
});

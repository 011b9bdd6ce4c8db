import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

const SCRIPT = fileURLToPath(new URL('../../fixtures/oddest-tree.py', import.meta.url));

function make(folder: string): void {
  execFileSync('python3', [SCRIPT, 'make', folder]);
}

/** What is in a tree: a line for each entry with all that is known of it, as another program sees it. */
function list(folder: string): readonly string[] {
  const options = { encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  return execFileSync('python3', [SCRIPT, 'list', folder], options).trimEnd().split('\n');
}

function dropTime(line: string): string {
  return line.replace(/^(\S* \d+ \d+ \d+) -?\d+/, '$1');
}

/** Programs that copy a tree with everything. */
const OTHERS: Readonly<Record<string, string>> = {
  cp: 'cp -a "$1" "$2"',
  rsync: 'rsync -aHAXS "$1/" "$2/"',
  tar: 'mkdir "$2"; tar -C "$1" --format=posix --xattrs -S -cf - . | tar -C "$2" --xattrs -xpf - 2>"$2.log"',
};

describe('a tree with everything that is odd about files', () => {
  it.each(['to a host', 'from a host', 'between hosts'])(
    'is copied %s as cp, rsync and tar copy it',
    async (way) => {
      await using daemon = await startDaemon();
      await using other = await startDaemon();
      const folder = makeFilesFolder();
      const from = join(folder, 'source');
      make(from);
      for (const [index, line] of Object.values(OTHERS).entries())
        expect(spawnSync('sh', ['-c', line, 'sh', from, join(folder, `other${index}`)]).status).toBe(0);
      const to = join(folder, 'copy');
      const words = {
        'to a host': [from, `${daemon.address}:${to}`],
        'from a host': [`${daemon.address}:${from}`, to],
        'between hosts': [`${daemon.address}:${from}`, `${other.address}:${to}`],
      }[way] as readonly string[];
      const { status, stderr } = await runRexa(['cp', '-rpq', ...words]);
      expect([status, stderr]).toEqual([0, '']);
      const ours = list(to);
      expect(ours).toEqual(list(from));
      for (const [index, name] of Object.keys(OTHERS).entries()) {
        // tar does not always give symlinks and folders their times
        const view = (lines: readonly string[]) => (name === 'tar' ? lines.map(dropTime) : lines);
        expect([name, view(ours)]).toEqual([name, view(list(join(folder, `other${index}`)))]);
      }
      // Again, and as it is in the end: with --update nothing of it changes
      const again = await runRexa(['cp', '-rp', '--update', '--delete', `${words[0]}/.`, words[1] ?? '']);
      expect([again.status, again.stderr]).toEqual([0, expect.stringMatching(/copied 0 files/)]);
      expect(list(to)).toEqual(ours);
    },
  );

  it('has FIFOs and sockets, which are named, and the rest is copied', async () => {
    await using daemon = await startDaemon();
    const folder = makeFilesFolder();
    const from = join(folder, 'source');
    mkdirSync(from);
    execFileSync('mkfifo', [join(from, 'fifo')]);
    await using inner = await startDaemon({ words: ['--listen', `unix:${from}/socket`] });
    expect(inner.listening).toHaveLength(2);
    execFileSync('touch', [join(from, 'rest')]);
    const words = ['cp', '-rpq', from, `${daemon.address}:${folder}/copy`];
    const { status, stderr } = await runRexa(words);
    expect([status, stderr.trimEnd().split('\n').toSorted()]).toEqual([
      1,
      [
        `rexa: cannot copy ${from}/fifo: is a FIFO, which is not copied`,
        `rexa: cannot copy ${from}/socket: is a socket, which is not copied`,
      ],
    ]);
    const names = list(join(folder, 'copy')).map((line) => Buffer.from(line.split(' ')[0] ?? '', 'hex'));
    expect(names.map(String)).toContain('/rest');
  });
});

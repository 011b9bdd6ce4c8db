import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MAX_PATH_CHARACTERS } from '../../../src/files/limits.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { openReceiver, openSender } from '../../fixtures/files-peer.ts';
import { transfer } from '../../fixtures/transfer.ts';

const NAME = 'd'.repeat(250);
/** Their path is longer than a record of 64 KiB. */
const FOLDERS = 300;

/** Makes a folder with folders inside each other, and in the innermost one a file if that has a name. */
function makeDeepTree(folder: string, bottom: string): void {
  mkdirSync(folder);
  // No call takes so long a path, and the folder of a thread cannot be changed
  const program = `for (let n = 0; n < ${FOLDERS}; n++) { fs.mkdirSync('${NAME}'); process.chdir('${NAME}'); }
    if ('${bottom}' !== '') fs.writeFileSync('${bottom}', '')`;
  execFileSync(process.execPath, ['-e', program], { cwd: folder });
  onTestFinished(() => void execFileSync('rm', ['-rf', folder]));
}

describe('a copy of a tree that is deeper than a path can be', () => {
  it('with --delete: names what it removed by the end of its path', async () => {
    const within = makeFilesFolder();
    makeDeepTree(join(within, 'src'), '');
    makeDeepTree(join(within, 'dst'), 'extra');
    const from = await openSender({ sources: [`${within}/src/.`] });
    const to = await openReceiver({ target: join(within, 'dst'), deletes: true });
    const removed = (await transfer(from, to)).filter(({ kind }) => kind === 'deleted');
    expect(removed).toMatchObject([
      { status: 'deleted', path: expect.stringMatching(/^….*\/d{250}\/extra$/) },
    ]);
    expect(removed[0]?.path).toHaveLength(MAX_PATH_CHARACTERS);
    expect(execFileSync('find', [join(within, 'dst'), '-name', 'extra']).toString()).toBe('');
  });
});

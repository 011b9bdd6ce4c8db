import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder, SHARED_FOLDER_MODE } from '../../places/make-folder.ts';
import { describeUnwritable } from '../output/output-file.ts';
import type { CheckFiles } from './assertions/checked-output.ts';
import { STDIN } from './read-files.ts';
import type { Suite } from './suite.ts';

/** The files that assertions compare with. */
export function createCheckFiles(suite: Suite, mask: (text: string) => string, updates: boolean): CheckFiles {
  const folder = suite.file === STDIN ? '.' : path.dirname(suite.file);
  const snapshotPath = (name: string): string => path.resolve(folder, name);
  return {
    async read(name) {
      return (await readIfThere(path.resolve(name))) ?? (await readIfThere(path.resolve(folder, name)));
    },
    async readSnapshot(name) {
      return (await readIfThere(snapshotPath(name)))?.toString('utf8') ?? null;
    },
    ...(updates
      ? {
          async writeSnapshot(name: string, text: string) {
            try {
              makeFolder(path.dirname(snapshotPath(name)), SHARED_FOLDER_MODE);
              await writeFile(snapshotPath(name), text);
              return null;
            } catch (error) {
              return describeUnwritable(snapshotPath(name), error);
            }
          },
        }
      : {}),
    mask,
  };
}

async function readIfThere(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch {
    return null;
  }
}

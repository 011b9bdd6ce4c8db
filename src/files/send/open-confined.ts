import path from 'node:path';
import { nodePath } from '../byte-path.ts';
import { FileFailure } from '../describe-failure.ts';
import type { Folder, Folders } from '../folders.ts';

/** A name in an open folder. */
interface Place {
  readonly folder: Folder;
  /** `.`: the folder itself. */
  readonly name: string;
}

/**
 * Opens the folders from one that is permitted down to a path, none of which may be a symlink.
 * @throws Error of the system, FileFailure for a path that is not below the permitted folder
 */
export function openConfined(folders: Folders, permitted: string, wanted: string): Place {
  const names = namesBelow(permitted, wanted);
  if (names === null) throw new FileFailure('EACCES', `is not below ${permitted}`);
  let folder = folders.start(permitted);
  for (const name of names.slice(0, -1)) folder = folders.enter(folder, name, false);
  return { folder, name: names.at(-1) ?? '.' };
}

/** Returns the names from a folder down to a path; null: it is not below it. */
export function namesBelow(permitted: string, wanted: string): readonly string[] | null {
  const relative = path.relative(path.resolve(permitted), path.resolve(wanted));
  if (relative === '') return [];
  const names = relative.split('/');
  return names[0] === '..' || nodePath(relative).includes('\0') ? null : names;
}

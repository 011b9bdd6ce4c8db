import fs from 'node:fs';
import path from 'node:path';
import { homeFolder } from './home-folder.ts';

/** The mode of folders with files that the user named: not secret, less the umask. */
export const SHARED_FOLDER_MODE = 0o777;

/**
 * Makes a folder, and those above it that are missing; but no home folder: a user whose home is not there is not to get one
 * by chance. `fs.mkdirSync` with `recursive` spins for ever where mkdir says ENOENT under a folder that
 * is there (/proc, autofs), and takes a read-only file system for ENOENT.
 * @param mode of what is made, less the umask
 * @throws Error of the system, with the folder that could not be made
 */
export function makeFolder(folder: string, mode = 0o700): void {
  if (isFolder(folder)) return;
  const parent = path.dirname(folder);
  if (folder === readHome()) throw missing(folder, 'the home folder does not exist');
  if (parent !== folder) makeFolder(parent, mode);
  try {
    fs.mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have been quicker
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isFolder(folder)) throw error;
  }
}

function isFolder(folder: string): boolean {
  return fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}

function readHome(): string | null {
  try {
    return path.resolve(homeFolder());
  } catch {
    return null;
  }
}

function missing(folder: string, why: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`ENOENT: ${why}, mkdir '${folder}'`), { code: 'ENOENT', path: folder });
}

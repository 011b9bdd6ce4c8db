import { fchmodSync, lchownSync, lstatSync, mkdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { readName } from '../byte-path.ts';
import { describeFailure, FileFailure } from '../describe-failure.ts';
import { type Folder, joinShown, showFolder, showIn } from '../folders.ts';
import type { FolderHeader } from '../headers.ts';
import { MAX_FOLDER_DEPTH } from '../limits.ts';
import { changeOwner } from './attributes.ts';
import type { KeptNames } from './kept-names.ts';
import { isPartialName } from './partial.ts';
import { type Level, type Place, pathOf, type ReceiverState } from './receiver-state.ts';

/** The folder is to be filled, whatever its mode will be. */
const FILLED_MODE = 0o700;

/**
 * Enters a folder that is there, or makes it.
 * @param path below the source @throws Error of the system, FileFailure
 */
export function enterFolder(state: ReceiverState, place: Place, header: FolderHeader, path: string): Level {
  const { folders, plan } = state;
  const { folder, name, level } = place;
  if (folder.depth >= MAX_FOLDER_DEPTH)
    throw new FileFailure('ENAMETOOLONG', `more than ${MAX_FOLDER_DEPTH} folders inside each other`);
  const at = folders.place(folder, name);
  const existing = lstatSync(at, { throwIfNoEntry: false });
  if (existing !== undefined && !existing.isDirectory())
    throw new FileFailure('ENOTDIR', 'exists and is not a folder');
  const isNew = existing === undefined;
  const common = { above: level, header, path, isNew, pending: 0, hasLeft: false };
  if (isNew && plan.isDry) return { ...common, folder: null, names: null };
  // With -p nobody else gets in before it has its owner
  if (isNew) mkdirSync(at, plan.keepsAttributes ? FILLED_MODE : (header.mode & 0o777) | FILLED_MODE);
  const entered = folders.enter(folder, name);
  // Not `shown`, which would be joined for the audit, and kept so in every open folder
  if (isNew) state.report({ kind: 'folder', path: showIn(folder, name) });
  return { ...common, folder: entered, names: plan.deletes ? state.keepNames() : null };
}

/** The sender has left a folder: what it does not have is removed, if all of it could be read. */
export async function leaveLevel(state: ReceiverState, level: Level, isWhole: boolean): Promise<void> {
  level.hasLeft = true;
  if (level.folder !== null && level.names !== null && isWhole && !state.hasTrouble)
    await removeOthers(state, level.folder, level.names, level.path).catch((error: unknown) => {
      const path = level.folder?.shown ?? '';
      state.answers.send({ type: 'trouble', path, ...describeFailure(error) });
    });
  level.names?.clear();
  if (level.pending > 0) state.unsettled.add(level);
  settleLevel(state, level);
}

/** One thing less is pending in a folder. */
export function settleOne(state: ReceiverState, level: Level): void {
  level.pending--;
  settleLevel(state, level);
}

/** Gives a folder its attributes once nothing in it changes any more. */
function settleLevel(state: ReceiverState, level: Level): void {
  if (!level.hasLeft || level.pending > 0 || level.folder === null) return;
  const { folder, header, above } = level;
  state.unsettled.delete(level);
  try {
    if (header !== null && !state.plan.isDry) setFolderAttributes(state, level, folder, header);
  } catch (error) {
    state.answers.send({ type: 'trouble', path: folder.shown, ...describeFailure(error) });
  }
  state.folders.leave(folder);
  if (above !== null && header !== null) settleOne(state, above);
}

/** The transfer ends within a folder: it keeps what it has, with the attributes of a new folder. */
export function abandonLevel(state: ReceiverState, { folder, header, isNew }: Level): void {
  if (folder === null || header === null || !isNew) return;
  try {
    fchmodSync(state.folders.descriptor(folder), header.mode & 0o777 & ~state.umask);
  } catch {
    // It is gone, or not ours any more
  }
}

function setFolderAttributes(state: ReceiverState, level: Level, folder: Folder, header: FolderHeader): void {
  const { plan, calls, folders, umask } = state;
  if (plan.keepsAttributes) {
    const at = folders.place(folder, '.');
    const isOwner = changeOwner(state, () => lchownSync(at, header.uid, header.gid), lstatSync(at), header);
    fchmodSync(folders.descriptor(folder), isOwner ? header.mode : header.mode & 0o1777);
    calls.setTimeOfName(at, BigInt(header.mtime));
    if (!level.isNew) state.report({ kind: 'attributes', path: showFolder(folder) });
  } else if (level.isNew) {
    fchmodSync(folders.descriptor(folder), header.mode & 0o777 & ~umask);
  }
}

/** Removes what is in a folder and not among these names. */
async function removeOthers(
  state: ReceiverState,
  folder: Folder,
  names: KeptNames,
  path: string,
): Promise<void> {
  if (names.hasTooMany)
    throw new FileFailure('E2BIG', 'has too many names to find what the source lacks: nothing is removed');
  const { folders, excludes, answers, plan, pause } = state;
  for (const found of await readdir(folders.place(folder, '.'), { encoding: 'buffer' })) {
    await pause();
    const name = readName(found);
    if (names.has(name) || isPartialName(name)) continue;
    const below = joinShown(path, name);
    try {
      const isFolder = lstatSync(folders.place(folder, name)).isDirectory();
      if (excludes(below, isFolder)) continue;
      const isGone = plan.isDry || (await removeEntry(state, folder, name, below, isFolder));
      if (isGone) answers.send({ type: 'deleted', path: `${folder.shown}/${name}` });
    } catch (error) {
      answers.send({ type: 'trouble', path: `${folder.shown}/${name}`, ...describeFailure(error) });
    }
  }
}

/** @returns whether all of it is gone: a folder with something that is excluded stays */
async function removeEntry(
  state: ReceiverState,
  folder: Folder,
  name: string,
  path: string,
  isFolder: boolean,
): Promise<boolean> {
  const { folders, pause, report } = state;
  if (!isFolder) {
    unlinkSync(folders.place(folder, name));
    report({ kind: 'deleted', path: pathOf({ folder, name }) });
    return true;
  }
  const below = folders.enter(folder, name);
  let isEmpty = true;
  for (const found of await readdir(folders.place(below, '.'), { encoding: 'buffer' })) {
    await pause();
    const inner = readName(found);
    const innerPath = joinShown(path, inner);
    const isInnerFolder = lstatSync(folders.place(below, inner)).isDirectory();
    if (state.excludes(innerPath, isInnerFolder)) isEmpty = false;
    else if (!(await removeEntry(state, below, inner, innerPath, isInnerFolder))) isEmpty = false;
  }
  folders.leave(below);
  if (!isEmpty) return false;
  rmdirSync(folders.place(folder, name));
  report({ kind: 'deleted', path: showIn(folder, name) });
  return true;
}

import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import path from 'node:path';
import { joinName, type NodePath, nodePath } from './byte-path.ts';
import { FileFailure } from './describe-failure.ts';
import { MAX_OPEN_FOLDERS } from './limits.ts';

/** A folder of one tree, below the folder that the tree starts in. */
export interface Folder {
  /** Null: the tree starts here. */
  readonly parent: Folder | null;
  /** Of the start: its path. In byte text. */
  readonly name: string;
  /** Its path for people, in byte text. */
  readonly shown: string;
  readonly depth: number;
  /** It was entered by a symlink that was to be followed. */
  readonly isFollowed: boolean;
  /** Identify it: another folder in its place is not entered. */
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * The open folders of one end of a transfer. Every name is looked up below a descriptor, so no folder above it can be
 * exchanged for a symlink meanwhile. The least recently used descriptors are closed, and opened again by their names.
 */
export interface Folders {
  /** Opens the folder that a tree starts in, as it is typed: symlinks are followed. @throws Error of the system */
  start(folder: string, shown?: string): Folder;
  /** Opens a folder, by a symlink only if that is to be followed. @throws Error of the system, FileFailure */
  enter(parent: Folder, name: string, isFollowed?: boolean): Folder;
  /** Returns the path by which Node finds a name in a folder. @throws Error of the system, FileFailure */
  place(folder: Folder, name: string): NodePath;
  /** The descriptor of a folder, until the next call. @throws Error of the system, FileFailure */
  descriptor(folder: Folder): number;
  /** Nothing below it is asked for any more. */
  leave(folder: Folder): void;
  closeAll(): void;
}

const OPEN_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;
const HAS_DESCRIPTOR_PATHS = process.platform === 'linux';
/** Others may write there. */
const SHARED_MODE = 0o022;

/** Creates a set of folders; nothing is open yet. */
export function createFolders(): Folders {
  /** In the order of their last use. */
  const open = new Map<Folder, number>();

  function keep(folder: Folder, descriptor: number): Folder {
    open.set(folder, descriptor);
    if (open.size <= MAX_OPEN_FOLDERS) return folder;
    const [oldest] = open;
    if (oldest !== undefined) close(oldest[0]);
    return folder;
  }

  function close(folder: Folder): void {
    const descriptor = open.get(folder);
    if (descriptor === undefined) return;
    open.delete(folder);
    closeSync(descriptor);
  }

  function descriptorOf(folder: Folder): number {
    const found = open.get(folder);
    if (found !== undefined) {
      // It is the last one now
      open.delete(folder);
      open.set(folder, found);
      return found;
    }
    const opened = openFolder(folder.parent, folder.name, folder.isFollowed);
    const { dev, ino } = fstatSync(opened, { bigint: true });
    if (dev !== folder.dev || ino !== folder.ino) {
      closeSync(opened);
      throw new FileFailure('ESTALE', `the folder ${folder.shown} was replaced during the copy`);
    }
    keep(folder, opened);
    return opened;
  }

  function openFolder(parent: Folder | null, name: string, isFollowed: boolean): number {
    const place = parent === null ? nodePath(name) : placeOf(parent, name);
    return openSync(place, isFollowed ? OPEN_FOLDER : OPEN_FOLDER | constants.O_NOFOLLOW);
  }

  function placeOf(folder: Folder, name: string): NodePath {
    const found = descriptorOf(folder);
    return HAS_DESCRIPTOR_PATHS ? joinName(`/proc/self/fd/${found}/`, name) : nodePath(pathOf(folder, name));
  }

  function register(parent: Folder | null, name: string, shown: string, isFollowed: boolean): Folder {
    const opened = openFolder(parent, name, isFollowed);
    const { dev, ino, mode } = fstatSync(opened, { bigint: true });
    if (!HAS_DESCRIPTOR_PATHS && (Number(mode) & SHARED_MODE) !== 0) {
      closeSync(opened);
      throw new FileFailure(
        'EPERM',
        `others can write to ${shown}, and this system cannot copy there safely`,
      );
    }
    const depth = parent === null ? 0 : parent.depth + 1;
    return keep({ parent, name, shown, depth, isFollowed, dev, ino }, opened);
  }

  return {
    start: (name, shown = name) => register(null, name, shown, true),
    enter: (parent, name, isFollowed = false) => register(parent, name, showIn(parent, name), isFollowed),
    place: placeOf,
    descriptor: descriptorOf,
    leave: close,
    closeAll() {
      for (const folder of open.keys()) close(folder);
    },
  };
}

/**
 * Returns the path of a name in a folder for people, and for the audit. It is not joined before it is read: if it were, and
 * were kept, the paths of folders inside each other would be as long as all of them together.
 */
export function showIn({ depth, shown }: Pick<Folder, 'depth' | 'shown'>, name: string): string {
  return depth === 0 || name === '.' || name === '' ? joinShown(shown, name) : `${shown}/${name}`;
}

/** Returns the path of a folder, as `showIn` does: its own `shown` would stay joined once it is read. */
export function showFolder({ parent, name, shown }: Folder): string {
  return parent === null ? shown : showIn(parent, name);
}

/** Returns the path of a name below a path for people. */
export function joinShown(folder: string, name: string): string {
  if (name === '.' || name === '') return folder;
  return folder === '' ? name : `${folder.replace(/\/$/, '')}/${name}`;
}

function pathOf(folder: Folder, name: string): string {
  return path.join(folder.parent === null ? folder.name : pathOf(folder.parent, folder.name), name);
}

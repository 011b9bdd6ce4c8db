import { type BigIntStats, lstatSync, opendirSync, statSync } from 'node:fs';
import path from 'node:path';
import { nodePath, readName } from './byte-path.ts';
import { createFolders, type Folder, type Folders } from './folders.ts';
import { openConfined } from './send/open-confined.ts';

/** What is known of one file. */
export interface ListedFile {
  /** Byte text. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  readonly mode: number;
  /** Nanoseconds since 1970, in decimal. */
  readonly mtime: string;
  readonly uid: number;
  readonly gid: number;
}

/** What is asked. */
export interface ListPlan {
  /** Byte text, absolute. */
  readonly target: string;
  /** The file itself, or what is in the folder. */
  readonly what: 'file' | 'folder';
  /** Null: anything. Otherwise only below this folder, and no symlink leads there. */
  readonly confinedTo: string | null;
}

/** Lists a file, as what a symlink leads to, or the entries of a folder, as they are. @throws Error of the system, FileFailure */
export function* listFiles(plan: ListPlan): Generator<ListedFile, void, void> {
  const folders = createFolders();
  try {
    if (plan.what === 'file') yield lookAtFile(folders, plan);
    else yield* listFolder(folders, openFolder(folders, plan));
  } finally {
    folders.closeAll();
  }
}

function lookAtFile(folders: Folders, { target, confinedTo }: ListPlan): ListedFile {
  const name = path.basename(target);
  if (confinedTo === null) return describe(name, statSync(nodePath(target), { bigint: true }));
  const found = openConfined(folders, confinedTo, target);
  return describe(name, lstatSync(folders.place(found.folder, found.name), { bigint: true }));
}

function openFolder(folders: Folders, { target, confinedTo }: ListPlan): Folder {
  if (confinedTo === null) return folders.start(target);
  const { folder, name } = openConfined(folders, confinedTo, target);
  return name === '.' ? folder : folders.enter(folder, name);
}

function* listFolder(folders: Folders, folder: Folder): Generator<ListedFile, void, void> {
  const listing = opendirSync(folders.place(folder, '.'), { encoding: 'buffer' as BufferEncoding });
  try {
    for (let found = listing.readSync(); found !== null; found = listing.readSync()) {
      const name = readName(found.name as unknown as Buffer);
      const stats = lstatSync(folders.place(folder, name), { bigint: true, throwIfNoEntry: false });
      // It may be gone by now
      if (stats !== undefined) yield describe(name, stats);
    }
  } finally {
    listing.closeSync();
  }
}

function describe(name: string, stats: BigIntStats): ListedFile {
  return {
    name,
    kind: kindOf(stats),
    size: Number(stats.size),
    mode: Number(stats.mode) & 0o7777,
    mtime: String(stats.mtimeNs),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
  };
}

function kindOf(stats: BigIntStats): ListedFile['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : 'other';
}

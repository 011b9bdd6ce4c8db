import {
  type BigIntStats,
  closeSync,
  lstatSync,
  opendirSync,
  readdirSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { readName } from '../byte-path.ts';
import { describeFailure, FileFailure } from '../describe-failure.ts';
import { type Folder, showFolder, showIn } from '../folders.ts';
import { MAX_FOLDER_DEPTH, MAX_OPEN_LISTINGS, MAX_PENDING_ENTRIES, MAX_REMEMBERED_LINKS } from '../limits.ts';
import {
  attributesOf,
  hashFile,
  identify,
  identifyFile,
  lookAtXattrs,
  openSource,
  sendWanted,
  sendWholeFile,
} from './send-file.ts';
import type { FileSource, SenderState, Steps } from './sender-state.ts';

/** One name in a folder. */
interface ListedName {
  readonly name: string;
  /** It was a regular file when the folder was read; false: not known. */
  readonly isFile: boolean;
}

/** One entry of a folder. */
interface Entry {
  readonly folder: Folder;
  readonly name: string;
  /** Under which it is sent. */
  readonly as: string;
  /** Its path below the source, for `--exclude`. */
  readonly path: string;
  readonly isFollowed: boolean;
  /** As of `ListedName`. */
  readonly isFile?: boolean;
}

/** A folder that is being sent. */
interface OpenFolder {
  readonly folder: Folder;
  /** Its path below the source. */
  readonly path: string;
  readonly names: Listing;
  /** All of it could be read so far. */
  isWhole: boolean;
}

/** Sends one entry, and whatever it holds. An entry that can't be read is reported. */
export function* sendEntry(state: SenderState, entry: Entry): Steps {
  const sent = yield* sendOne(state, entry);
  if (typeof sent === 'object') yield* sendFolders(state, sent);
}

/** Sends an open folder with what is in it. @param path below the source @throws Error of the system if it can't be listed */
export function* sendOpenFolder(state: SenderState, folder: Folder, as: string, path: string): Steps {
  yield* sendFolders(state, announceFolder(state, folder, as, path));
}

/** Sends folders inside each other. They may be thousands, which is too deep for generators inside each other. */
function* sendFolders(state: SenderState, first: OpenFolder): Steps {
  const open = [first];
  try {
    for (let top: OpenFolder | undefined = first; top !== undefined; top = open.at(-1)) {
      const entry = nextEntry(state, top);
      if (entry === null) {
        leaveFolder(state, top);
        open.pop();
        const above = open.at(-1);
        if (above !== undefined && !top.isWhole) above.isWhole = false;
        continue;
      }
      const sent: OpenFolder | boolean = yield* sendOne(state, entry);
      if (typeof sent === 'object') open.push(sent);
      else if (!sent) top.isWhole = false;
    }
  } finally {
    for (const { names } of open) names.close();
  }
}

/** Returns the next entry of a folder that is not left out; null: there is none, or it can't be read. */
function nextEntry(state: SenderState, top: OpenFolder): Entry | null {
  const { folder, path, names } = top;
  const { plan, out } = state;
  try {
    for (let listed = names.next(); listed !== null; listed = names.next()) {
      const { name, isFile } = listed;
      // Not joined before it is read: the paths of folders inside each other would be as long as all of them together
      const below = path === '' ? name : `${path}/${name}`;
      if (plan.exclude.length > 0 && isExcluded(state, folder, name, below)) continue;
      return { folder, name, as: name, path: below, isFollowed: plan.followsLinks, isFile };
    }
  } catch (error) {
    top.isWhole = false;
    out.add({ type: 'unreadable', id: takeId(state), name: '.', ...describeFailure(error) });
  }
  return null;
}

function leaveFolder({ out, folders }: SenderState, { folder, names, isWhole }: OpenFolder): void {
  names.close();
  out.add({ type: 'leave', whole: isWhole });
  folders.leave(folder);
}

/** Sends one entry; of a folder, that it is there. @returns the folder; whether another entry could be read */
function* sendOne(state: SenderState, entry: Entry): Generator<'more' | 'wait', OpenFolder | boolean, void> {
  yield* makeRoom(state);
  const id = state.nextId;
  try {
    return yield* sendReadable(state, entry);
  } catch (error) {
    const failure = describeFailure(error);
    if (state.nextId === id) takeId(state);
    state.out.add({ type: 'unreadable', id, name: entry.as, ...failure });
    return false;
  }
}

/** Lets the receiver catch up, and sends what it wants. */
function* makeRoom(state: SenderState): Steps {
  yield 'more';
  yield* sendAllWanted(state);
  while (state.unanswered.size >= MAX_PENDING_ENTRIES) {
    yield 'wait';
    yield* sendAllWanted(state);
  }
}

/** Sends what the receiver wants so far. */
export function* sendAllWanted(state: SenderState): Steps {
  for (let want = state.wanted.shift(); want !== undefined; want = state.wanted.shift()) {
    state.wantedHashes -= want.have.length;
    yield* sendWanted(state, want);
  }
}

function* sendReadable(
  state: SenderState,
  entry: Entry,
): Generator<'more' | 'wait', OpenFolder | boolean, void> {
  const { folder, name, isFollowed } = entry;
  // A look at a file that is opened at once costs a tenth of a tree of short files
  if (entry.isFile && !isFollowed && !state.plan.asks) {
    yield* sendUnasked(state, entry);
    return true;
  }
  const place = state.folders.place(folder, name);
  const stats = isFollowed ? statSync(place, { bigint: true }) : lstatSync(place, { bigint: true });
  if (stats.isDirectory()) return enterFolder(state, entry);
  if (stats.isFile()) {
    yield* state.plan.asks ? sendQuestion(state, entry, stats) : sendUnasked(state, entry);
    return true;
  }
  if (stats.isSymbolicLink()) {
    const target = readName(readlinkSync(place, { encoding: 'buffer' }));
    const id = takeFileId(state, entry, stats);
    if (id === null) return true;
    const shared = stats.nlink > 1n ? { shared: true } : {};
    state.out.add({ type: 'link', id, name: entry.as, ...attributesOf(stats), target, ...shared });
    state.report({ kind: 'link', path: showIn(folder, name), target });
    return true;
  }
  throw new FileFailure('EINVAL', `is ${kindOf(stats)}, which is not copied`);
}

function kindOf(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** Returns the id of the next entry, which can be answered from now on. */
export function takeId(state: SenderState): number {
  state.unanswered.add(state.nextId);
  return state.nextId++;
}

function* sendUnasked(state: SenderState, { folder, name, as, path, isFollowed }: Entry): Steps {
  const source: FileSource = { folder, name, isFollowed, isRoot: path === '' };
  const file = openSource(state, source);
  try {
    const id = takeFileId(state, { folder, name, as }, file.stats);
    if (id !== null) yield* sendWholeFile(state, id, as, source, file);
  } finally {
    closeSync(file.descriptor);
  }
}

function* sendQuestion(
  state: SenderState,
  { folder, name, as, path, isFollowed }: Entry,
  stats: BigIntStats,
): Steps {
  const id = takeFileId(state, { folder, name, as }, stats);
  if (id !== null) yield* ask(state, id, as, { folder, name, isFollowed, isRoot: path === '' }, stats);
}

/** Returns the id of a file or symlink; null: it is another name of one that was sent, and was sent as such. */
function takeFileId(
  state: SenderState,
  { folder, name, as }: Pick<Entry, 'folder' | 'name' | 'as'>,
  { dev, ino, nlink }: BigIntStats,
): number | null {
  if (nlink === 1n) return takeId(state);
  const inode = `${dev}:${ino}`;
  const first = state.linked.get(inode);
  const id = takeId(state);
  if (first === undefined) {
    if (state.linked.size < MAX_REMEMBERED_LINKS) state.linked.set(inode, id);
    return id;
  }
  state.out.add({ type: 'hardlink', id, name: as, to: first });
  state.report({ kind: 'hardlink', path: showIn(folder, name) });
  return null;
}

function* ask(state: SenderState, id: number, name: string, source: FileSource, stats: BigIntStats): Steps {
  const checksum = state.plan.hashesFirst ? yield* hashFile(state, source) : undefined;
  const header = {
    type: 'file' as const,
    id,
    name,
    ...attributesOf(stats),
    ...identifyFile(stats, source),
    size: Number(stats.size),
    ask: true as const,
    ...(checksum === undefined ? {} : { checksum }),
    ...lookAtXattrs(state, source),
    ...(stats.nlink > 1n ? { shared: true as const } : {}),
  };
  state.asked.set(id, { folder: source.folder, name, source });
  state.out.add(header);
}

function enterFolder(state: SenderState, entry: Entry): OpenFolder {
  const { folders, plan } = state;
  if (!plan.isRecursive) throw new FileFailure('EISDIR', 'is a folder; -r copies folders');
  if (entry.folder.depth >= MAX_FOLDER_DEPTH)
    throw new FileFailure('ENAMETOOLONG', `is below more than ${MAX_FOLDER_DEPTH} folders inside each other`);
  const folder = folders.enter(entry.folder, entry.name, entry.isFollowed);
  if (isBelowItself(folder)) throw new FileFailure('ELOOP', 'is a folder that contains itself by a symlink');
  return announceFolder(state, folder, entry.as, entry.path);
}

function isBelowItself({ dev, ino, parent }: Folder): boolean {
  for (let above = parent; above !== null; above = above.parent)
    if (above.dev === dev && above.ino === ino) return true;
  return false;
}

/** @throws Error of the system for a folder that can't be listed: it is not announced */
function announceFolder(state: SenderState, folder: Folder, as: string, path: string): OpenFolder {
  const { folders, out } = state;
  const stats = statSync(folders.place(folder, '.'), { bigint: true });
  const names = listNames(state, folder);
  const identity = identify(stats, path === '' || folder.isFollowed);
  out.add({ type: 'folder', id: takeId(state), name: as, ...attributesOf(stats), ...identity });
  state.report({ kind: 'folder', path: showFolder(folder) });
  return { folder, path, names, isWhole: true };
}

function isExcluded({ excludes, folders }: SenderState, folder: Folder, name: string, path: string): boolean {
  const stats = lstatSync(folders.place(folder, name), { throwIfNoEntry: false });
  return excludes(path, stats?.isDirectory() === true);
}

/** The names in a folder. */
interface Listing {
  /** Null: there is none any more. @throws Error of the system */
  next(): ListedName | null;
  close(): void;
}

/** Lists the names in a folder, as they are needed: a folder may have a million. @throws Error of the system */
function listNames({ folders }: SenderState, folder: Folder): Listing {
  const place = folders.place(folder, '.');
  if (folder.depth >= MAX_OPEN_LISTINGS) {
    const names = readdirSync(place, { encoding: 'buffer' }).values();
    return {
      next() {
        const { value } = names.next();
        return value === undefined ? null : { name: readName(value), isFile: false };
      },
      close: () => undefined,
    };
  }
  const listing = opendirSync(place, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 });
  return {
    next() {
      const found = listing.readSync();
      return found === null
        ? null
        : { name: readName(found.name as unknown as Buffer), isFile: found.isFile() };
    },
    close: () => listing.closeSync(),
  };
}

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
import { type Folder, joinShown } from '../folders.ts';
import { MAX_OPEN_LISTINGS, MAX_PENDING_ENTRIES, MAX_REMEMBERED_LINKS } from '../limits.ts';
import { attributesOf, hashFile, openSource, sendWanted, sendWholeFile } from './send-file.ts';
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

/** Sends one entry, and whatever it holds. An entry that can't be read is reported. @returns whether all could be read */
export function* sendEntry(state: SenderState, entry: Entry): Generator<'more' | 'wait', boolean, void> {
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

function* sendReadable(state: SenderState, entry: Entry): Generator<'more' | 'wait', boolean, void> {
  const { folder, name, isFollowed } = entry;
  // A look at a file that is opened at once costs a tenth of a tree of short files
  if (entry.isFile && !isFollowed && !state.plan.asks) {
    yield* sendUnasked(state, entry);
    return true;
  }
  const place = state.folders.place(folder, name);
  const stats = isFollowed ? statSync(place, { bigint: true }) : lstatSync(place, { bigint: true });
  if (stats.isDirectory()) return yield* sendFolder(state, entry);
  if (stats.isFile()) {
    yield* state.plan.asks ? sendQuestion(state, entry, stats) : sendUnasked(state, entry);
    return true;
  }
  if (stats.isSymbolicLink()) {
    const target = readName(readlinkSync(place, { encoding: 'buffer' }));
    state.out.add({ type: 'link', id: takeId(state), name: entry.as, ...attributesOf(stats), target });
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

function* sendUnasked(state: SenderState, { folder, name, as, isFollowed }: Entry): Steps {
  const source: FileSource = { folder, name, isFollowed };
  const file = openSource(state, source);
  try {
    const id = takeFileId(state, as, file.stats);
    if (id !== null) yield* sendWholeFile(state, id, as, source, file);
  } finally {
    closeSync(file.descriptor);
  }
}

function* sendQuestion(
  state: SenderState,
  { folder, name, as, isFollowed }: Entry,
  stats: BigIntStats,
): Steps {
  const id = takeFileId(state, as, stats);
  if (id !== null) yield* ask(state, id, as, { folder, name, isFollowed }, stats);
}

/** Returns the id of a file; null: it is another name of one that was sent, and was sent as such. */
function takeFileId(state: SenderState, as: string, { dev, ino, nlink }: BigIntStats): number | null {
  if (nlink === 1n) return takeId(state);
  const inode = `${dev}:${ino}`;
  const first = state.linked.get(inode);
  const id = takeId(state);
  if (first === undefined) {
    if (state.linked.size < MAX_REMEMBERED_LINKS) state.linked.set(inode, id);
    return id;
  }
  state.out.add({ type: 'hardlink', id, name: as, to: first });
  return null;
}

function* ask(state: SenderState, id: number, name: string, source: FileSource, stats: BigIntStats): Steps {
  const checksum = state.plan.hashesFirst ? yield* hashFile(state, source) : undefined;
  const header = {
    type: 'file' as const,
    id,
    name,
    ...attributesOf(stats),
    size: Number(stats.size),
    ask: true as const,
    ...(checksum === undefined ? {} : { checksum }),
    ...(stats.nlink > 1n ? { shared: true as const } : {}),
  };
  state.asked.set(id, { folder: source.folder, header, source });
  state.out.add(header);
}

function* sendFolder(state: SenderState, entry: Entry): Generator<'more' | 'wait', boolean, void> {
  const { folders } = state;
  if (!state.plan.isRecursive) throw new FileFailure('EISDIR', 'is a folder; -r copies folders');
  const folder = folders.enter(entry.folder, entry.name, entry.isFollowed);
  if (isBelowItself(folder)) throw new FileFailure('ELOOP', 'is a folder that contains itself by a symlink');
  return yield* sendOpenFolder(state, folder, entry.as, entry.path);
}

function isBelowItself({ dev, ino, parent }: Folder): boolean {
  for (let above = parent; above !== null; above = above.parent)
    if (above.dev === dev && above.ino === ino) return true;
  return false;
}

/** Sends an open folder with what is in it. @param path below the source @returns whether all could be read */
export function* sendOpenFolder(
  state: SenderState,
  folder: Folder,
  as: string,
  path: string,
): Generator<'more' | 'wait', boolean, void> {
  const { folders, plan, out } = state;
  const stats = statSync(folders.place(folder, '.'), { bigint: true });
  // A folder that can't be listed is not announced
  const names = listNames(state, folder);
  let next = names.next();
  out.add({ type: 'folder', id: takeId(state), name: as, ...attributesOf(stats) });
  let isWhole = true;
  try {
    for (; next.done !== true; next = names.next()) {
      const { name, isFile } = next.value;
      const below = joinShown(path, name);
      if (plan.exclude.length > 0 && isExcluded(state, folder, name, below)) continue;
      const entry = { folder, name, as: name, path: below, isFollowed: plan.followsLinks, isFile };
      if (!(yield* sendEntry(state, entry))) isWhole = false;
    }
  } catch (error) {
    isWhole = false;
    out.add({ type: 'unreadable', id: takeId(state), name: '.', ...describeFailure(error) });
  } finally {
    names.return();
  }
  out.add({ type: 'leave', whole: isWhole });
  folders.leave(folder);
  return isWhole;
}

function isExcluded({ excludes, folders }: SenderState, folder: Folder, name: string, path: string): boolean {
  const stats = lstatSync(folders.place(folder, name), { throwIfNoEntry: false });
  return excludes(path, stats?.isDirectory() === true);
}

/** Lists the names in a folder, as they are needed: a folder may have a million. @throws Error of the system */
function* listNames({ folders }: SenderState, folder: Folder): Generator<ListedName, void, void> {
  const place = folders.place(folder, '.');
  if (folder.depth >= MAX_OPEN_LISTINGS) {
    for (const name of readdirSync(place, { encoding: 'buffer' }))
      yield { name: readName(name), isFile: false };
    return;
  }
  const listing = opendirSync(place, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 });
  try {
    for (let found = listing.readSync(); found !== null; found = listing.readSync())
      yield { name: readName(found.name as unknown as Buffer), isFile: found.isFile() };
  } finally {
    listing.closeSync();
  }
}

import { hash as hashOnce } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { recycleBytes, takeSlab } from '../../runtime/chunk-memory.ts';
import { describeFailure, FileFailure } from '../describe-failure.ts';
import { showIn } from '../folders.ts';
import { createFileHash, type FileHash } from '../hash.ts';
import type { FileHeader } from '../headers.ts';
import { identityOf } from '../identity.ts';
import { MAX_XATTR_CHARACTERS, MAX_XATTRS, WHOLE_FILE_BYTES } from '../limits.ts';
import type { FileSource, SenderState, Steps, Want } from './sender-state.ts';

/** Blocks of st_blocks. */
const BLOCK_BYTES = 512n;
/** How often a file that changes while it is read is read again. */
const RETRIES = 2;
/** A FIFO that nobody writes to, and a device, are not waited for. */
const OPEN_FILE = constants.O_RDONLY | constants.O_NONBLOCK;

const scratch = Buffer.allocUnsafeSlow(WHOLE_FILE_BYTES + 1);

/** An open file. */
interface OpenFile {
  readonly descriptor: number;
  readonly stats: BigIntStats;
}

/** Opens a file to read it. The caller closes the descriptor. @throws Error of the system, FileFailure */
export function openSource({ folders }: SenderState, { folder, name, isFollowed }: FileSource): OpenFile {
  const flags = isFollowed ? OPEN_FILE : OPEN_FILE | constants.O_NOFOLLOW;
  const descriptor = openSync(folders.place(folder, name), flags);
  const stats = fstatSync(descriptor, { bigint: true });
  if (stats.isFile()) return { descriptor, stats };
  closeSync(descriptor);
  throw new FileFailure('EINVAL', 'is not a regular file');
}

/** Returns what tells the receiver that it would write into the source; nothing where that cannot be. */
export function identify(stats: BigIntStats, mayBeTarget: boolean): { readonly identity?: string } {
  const identity = mayBeTarget ? identityOf(stats) : null;
  return identity === null ? {} : { identity };
}

/** Only a source itself, and what has further names or is found by a symlink, may be what it is copied to. */
export function identifyFile(stats: BigIntStats, source: FileSource): { readonly identity?: string } {
  return identify(stats, source.isRoot === true || source.isFollowed || stats.nlink > 1n);
}

/** Returns what a header says of a file beside its name. */
export function attributesOf(stats: BigIntStats): Pick<FileHeader, 'mode' | 'mtime' | 'uid' | 'gid'> {
  return {
    mode: Number(stats.mode) & 0o7777,
    mtime: String(stats.mtimeNs),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
  };
}

/**
 * Sends the header of a file and its data: in one record if it is short.
 * @throws Error of the system, FileFailure: nothing was sent then
 */
export function* sendWholeFile(
  state: SenderState,
  id: number,
  name: string,
  source: FileSource,
  file: OpenFile,
): Steps {
  const header = makeHeader(state, id, name, source, file);
  const path = showIn(source.folder, source.name);
  if (file.stats.size <= WHOLE_FILE_BYTES && sendShort(state, header, file, path)) return;
  state.out.add(header);
  yield* sendRepeatedly(state, id, { ...file, path }, 0, createFileHash());
}

function makeHeader(
  state: SenderState,
  id: number,
  name: string,
  source: FileSource,
  { descriptor, stats }: OpenFile,
): FileHeader {
  return {
    type: 'file',
    id,
    name,
    ...attributesOf(stats),
    ...identifyFile(stats, source),
    size: Number(stats.size),
    ...(stats.nlink > 1n ? { shared: true } : {}),
    ...readXattrs(state, descriptor),
  };
}

/** Returns the extended attributes of a file that is asked about: without them it might seem to be there. @throws FileFailure */
export function lookAtXattrs(state: SenderState, source: FileSource): Pick<FileHeader, 'xattrs'> {
  const { plan, calls, folders } = state;
  const place = folders.place(source.folder, source.name);
  if (!plan.keepsAttributes || (!source.isFollowed && calls.mayHaveAttributes?.(place) !== true)) return {};
  const { descriptor } = openSource(state, source);
  try {
    return readXattrs(state, descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Returns the extended attributes of a file, as a field of its record. @throws FileFailure */
function readXattrs({ plan, calls }: SenderState, descriptor: number): Pick<FileHeader, 'xattrs'> {
  const xattrs = plan.keepsAttributes ? (calls.readAttributes?.(descriptor) ?? []) : [];
  if (xattrs.length === 0) return {};
  if (xattrs.length > MAX_XATTRS || JSON.stringify(xattrs).length > MAX_XATTR_CHARACTERS)
    throw new FileFailure('E2BIG', 'has more extended attributes than can be copied');
  return { xattrs: xattrs as [string, string][] };
}

/** Sends a short file; false: it is not short any more. @throws FileFailure */
function sendShort(
  { out, report }: SenderState,
  header: FileHeader,
  { descriptor, stats }: OpenFile,
  path: string,
): boolean {
  let before = stats;
  for (let left = RETRIES; ; left--) {
    const length = readFull(descriptor, Number(before.size));
    if (length > WHOLE_FILE_BYTES) return false;
    const after = fstatSync(descriptor, { bigint: true });
    if (isSame(before, after, length)) {
      const data = scratch.subarray(0, length);
      const found = { ...header, mtime: String(after.mtimeNs), size: length };
      const sha256 = hashOnce('sha256', data, 'hex');
      out.add({ ...found, sha256 }, data);
      report({ kind: 'file', path, size: length, sha256 });
      return true;
    }
    if (left === 0) throw new FileFailure('CHANGED', 'changed while it was read');
    before = after;
  }
}

/**
 * Reads from the start of a file until its end, or until there is more than fits.
 * @param size where it seems to end: a further read costs as much as this one, and a file that has grown has another time
 */
function readFull(descriptor: number, size: number): number {
  for (let at = 0; ; ) {
    const count = at === scratch.length ? 0 : readSync(descriptor, scratch, at, scratch.length - at, at);
    at += count;
    if (count === 0 || at === size || at === scratch.length) return at;
  }
}

/** A file of length 0 may have data, as in /proc. */
function isSame(before: BigIntStats, after: BigIntStats, length: number): boolean {
  return (
    before.mtimeNs === after.mtimeNs &&
    before.size === after.size &&
    (after.size === 0n || after.size === BigInt(length))
  );
}

/** Sends the data of a file; of one that changes meanwhile again. */
function* sendRepeatedly(
  state: SenderState,
  id: number,
  file: OpenFile & { readonly path: string },
  from: number,
  hash: FileHash,
): Steps {
  if (yield* sendData(state, id, file, from, hash, true)) return;
  for (let left = RETRIES; ; left--)
    if (yield* sendData(state, id, file, 0, createFileHash(), left > 0)) return;
}

/**
 * Sends the data of a file from an offset on, and its end.
 * @param mayRepeat a file that has changed meanwhile is announced again
 * @returns whether the file is done with, whatever became of it
 */
function* sendData(
  state: SenderState,
  id: number,
  { descriptor, path }: OpenFile & { readonly path: string },
  from: number,
  hash: FileHash,
  mayRepeat: boolean,
): Generator<'more' | 'wait', boolean, void> {
  const { out } = state;
  const before = fstatSync(descriptor, { bigint: true });
  state.sending = id;
  state.isRefused = false;
  let at = from;
  let isComplete = false;
  try {
    for (const piece of readPieces(state, descriptor, before, from)) {
      if (state.isRefused) {
        out.add({ type: 'broken', again: false, code: 'CANCELED', message: 'the receiver gave it up' });
        return true;
      }
      if (typeof piece === 'number') {
        hash.skip(piece);
        out.add({ type: 'hole', bytes: piece });
        at += piece;
      } else {
        hash.update(piece);
        out.add(null, piece);
        at += piece.length;
      }
      yield 'more';
    }
    if (isSame(before, fstatSync(descriptor, { bigint: true }), at)) {
      const sha256 = hash.sofar();
      out.add({ type: 'end', sha256, size: at });
      state.report({ kind: 'file', path, size: at, sha256 });
      isComplete = true;
      return true;
    }
    const said = { code: 'CHANGED', message: 'changed while it was read' };
    out.add({ type: 'broken', again: mayRepeat, ...said });
    return !mayRepeat;
  } catch (error) {
    out.add({ type: 'broken', again: false, ...describeFailure(error) });
    return true;
  } finally {
    state.sending = -1;
    if (!isComplete && at > from) state.report({ kind: 'partial', path, size: at });
  }
}

/** Reads data, and the lengths of holes. @throws Error of the system */
function* readPieces(
  { calls }: SenderState,
  descriptor: number,
  { size, blocks }: BigIntStats,
  from: number,
): Generator<Uint8Array | number, void, void> {
  const length = Number(size);
  const findData = blocks * BLOCK_BYTES < size ? calls.findData : undefined;
  for (let at = from; ; ) {
    const found = findData === undefined || at >= length ? undefined : findData(descriptor, at);
    const start = found === null ? length : (found?.[0] ?? at);
    if (start > at) {
      yield start - at;
      at = start;
      continue;
    }
    const into = takeSlab();
    const count = readSync(descriptor, into, 0, Math.min(into.length, (found?.[1] ?? Infinity) - at), at);
    recycleBytes(into.subarray(count));
    if (count === 0) return;
    yield into.subarray(0, count);
    at += count;
  }
}

/** Returns the hash of a whole file, and what is known of it. @throws Error of the system, FileFailure */
export function* hashFile(state: SenderState, source: FileSource): Generator<'more' | 'wait', string, void> {
  const { descriptor } = openSource(state, source);
  try {
    const hash = createFileHash();
    for (let at = 0; ; ) {
      const count = readSync(descriptor, scratch, 0, WHOLE_FILE_BYTES, at);
      if (count === 0) break;
      hash.update(scratch.subarray(0, count));
      at += count;
      yield 'more';
    }
    const sha256 = hash.sofar();
    state.report({ kind: 'hashed', path: showIn(source.folder, source.name), sha256 });
    return sha256;
  } finally {
    closeSync(descriptor);
  }
}

/** Sends the data of a file that the receiver wants, behind as much of it as both have. */
export function* sendWanted(state: SenderState, { id, have, file: asked }: Want): Steps {
  let file: OpenFile | null = null;
  try {
    let found: readonly [number, FileHash];
    let xattrs: Pick<FileHeader, 'xattrs'>;
    try {
      file = openSource(state, asked.source);
      xattrs = readXattrs(state, file.descriptor);
      found = yield* matchPrefix(file, have);
    } catch (error) {
      state.out.add({ type: 'unreadable', id, name: asked.name, ...describeFailure(error) });
      return;
    }
    const [from, hash] = found;
    state.out.add({ type: 'content', id, from, ...xattrs });
    const path = showIn(asked.folder, asked.source.name);
    yield* sendRepeatedly(state, id, { ...file, path }, from, hash);
  } finally {
    if (file !== null) closeSync(file.descriptor);
  }
}

/** Returns how much of what the receiver has is the same here, and its hash. */
function* matchPrefix(
  { descriptor }: OpenFile,
  have: Want['have'],
): Generator<'more' | 'wait', readonly [number, FileHash], void> {
  let matched: readonly [number, FileHash] = [0, createFileHash()];
  const hash = createFileHash();
  let at = 0;
  for (const [bytes, sha256] of have) {
    while (at < bytes) {
      const count = readSync(descriptor, scratch, 0, Math.min(WHOLE_FILE_BYTES, bytes - at), at);
      if (count === 0) return matched;
      hash.update(scratch.subarray(0, count));
      at += count;
      yield 'more';
    }
    if (at !== bytes || hash.sofar() !== sha256) return matched;
    matched = [at, hash.copy()];
  }
  return matched;
}

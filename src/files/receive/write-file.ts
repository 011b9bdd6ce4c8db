import {
  closeSync,
  constants,
  fstatSync,
  fsync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { NodePath } from '../byte-path.ts';
import { FileFailure } from '../describe-failure.ts';
import { createFileHash, type FileHash } from '../hash.ts';
import { FILE_READ_BYTES } from '../limits.ts';
import { setAttributes } from './attributes.ts';
import { createDataWriter } from './data-writer.ts';
import { createPartial, type Partial } from './partial.ts';
import { rememberFile } from './received-files.ts';
import { type Incoming, type Place, pathOf, type ReceiverState } from './receiver-state.ts';
import type { Sink } from './resolve-target.ts';

/** A file that is being received. */
export interface FileWriter {
  /** @throws Error of the system */
  write(bytes: Uint8Array): void | Promise<void>;
  /** @throws Error of the system, FileFailure */
  skip(bytes: number): void | Promise<void>;
  /** All has come: puts the file in its place. @param size null: what has come @throws Error of the system, FileFailure */
  commit(sha256: string, size: number | null): void | Promise<void>;
  /** The sender begins again. @throws Error of the system, FileFailure */
  discard(): void | Promise<void>;
  /** Ends before the file is complete. @param isKept what has come is left for a later transfer @returns when it is closed */
  leave(isKept: boolean): void | Promise<void>;
}

const IN_PLACE = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Until the file is complete. */
const NEW_MODE = 0o600;
export const MISMATCH = 'the data that arrived has another hash than the data that was read';

/** Passes the data of one file on. The caller closes the sink. @param path of the sink, for the audit @param announced length; null: not known */
export function createSinkWriter(
  { pause, report }: ReceiverState,
  sink: Sink,
  path: string,
  announced: number | null,
): FileWriter {
  const hash = createFileHash();
  let size = 0;
  return {
    async write(bytes) {
      hash.update(bytes);
      size += bytes.length;
      await sink.write(bytes);
    },
    async skip(bytes) {
      // Each byte of it has to be written: a few bytes of a sender are not to cost more than it has announced
      if (size + bytes > (announced ?? 0))
        throw new FileFailure('EFBIG', 'a hole behind the end that was announced');
      hash.skip(bytes);
      size += bytes;
      for (let left = bytes; left > 0; left -= ZEROS.length) {
        await sink.write(ZEROS.subarray(0, left));
        await pause();
      }
    },
    commit(sha256) {
      if (hash.sofar() === sha256) return report({ kind: 'special', path, size, sha256 });
      report({ kind: 'partial', path, size });
      throw new FileFailure('MISMATCH', MISMATCH);
    },
    discard() {
      throw new FileFailure('CHANGED', 'changed while it was read');
    },
    leave: () => report({ kind: 'partial', path, size }),
  };
}

const ZEROS = Buffer.alloc(FILE_READ_BYTES);

/** Begins a file whose data comes in pieces. @param resumed what is there of it @throws Error of the system, FileFailure */
export function openWriter(
  state: ReceiverState,
  incoming: Incoming,
  resumed: { readonly partial: Partial; readonly bytes: number; readonly hash: FileHash } | null,
): FileWriter {
  const { place } = incoming;
  const target: Target =
    resumed === null ? openTarget(state, place) : { ...resumed.partial, isInPlace: false };
  const replaced = identify(state, place);
  let hash = resumed?.hash ?? createFileHash();
  /** Where the next byte goes. */
  let at = resumed?.bytes ?? 0;
  const data = createDataWriter(target.descriptor, at, (bytes) => hash.update(bytes));
  if (resumed !== null) ftruncateSync(target.descriptor, at);

  /** A part of the file stays. */
  function reportPart(): void {
    state.report({ kind: 'partial', path: pathOf({ folder: place.folder, name: target.name }), size: at });
  }

  function skip(bytes: number): void {
    hash.skip(bytes);
    // In place there may be old data
    if (target.isInPlace) ftruncateSync(target.descriptor, at);
    at += bytes;
    data.seek(at);
  }

  function discard(): void {
    ftruncateSync(target.descriptor, 0);
    hash = createFileHash();
    at = 0;
    data.seek(0);
  }

  /** Does something to the file that must not come before what was written. */
  function after(act: () => void): Promise<void> | void {
    const draining = data.drain();
    return draining === undefined ? act() : draining.then(act);
  }

  return {
    write(bytes) {
      at += bytes.length;
      return data.write(bytes);
    },
    skip(bytes) {
      if (at + bytes > Number.MAX_SAFE_INTEGER) throw new FileFailure('EFBIG', 'file too large');
      return after(() => skip(bytes));
    },
    async commit(sha256, size) {
      try {
        await data.drain();
        if (hash.sofar() !== sha256 || (size !== null && at !== size))
          throw new FileFailure('MISMATCH', MISMATCH);
        ftruncateSync(target.descriptor, at);
        await finishFile(state, incoming, target);
      } catch (error) {
        removeTarget(state, place, target);
        if (target.isInPlace) reportPart();
        throw error;
      }
      state.report({ kind: 'file', path: pathOf(place), size: at, sha256 });
    },
    discard: () => after(discard),
    leave(isKept) {
      // Another transfer may have completed the file meanwhile: a part of it is of no more use
      const isLeft = isKept && at > 0 && identify(state, place) === replaced;
      if (!isLeft && !target.isInPlace) unlinkTarget(state, place, target);
      if (isLeft || target.isInPlace) reportPart();
      // Another file may get the number of a descriptor that is closed under a running write
      return settle(data.drain, () => closeSync(target.descriptor));
    },
  };
}

/** Tells the file of a name from one that comes in its place; null: there is none. */
function identify({ folders }: ReceiverState, { folder, name }: Place): string | null {
  try {
    const { dev, ino, ctimeNs } = lstatSync(folders.place(folder, name), { bigint: true });
    return `${dev}:${ino}:${ctimeNs}`;
  } catch {
    return null;
  }
}

/** Does something after something else, whether or not that fails. */
function settle(act: () => Promise<void> | undefined, after: () => void): Promise<void> | void {
  try {
    const work = act();
    if (work !== undefined) return work.catch(() => undefined).then(after);
  } catch {
    // What is written is written
  }
  after();
}

/** Where the data of a file is written. */
interface Target extends Partial {
  /** It is the file itself. */
  readonly isInPlace: boolean;
  /** There was no file of this name. */
  readonly isNew?: boolean;
}

function openTarget(state: ReceiverState, { folder, name }: Place): Target {
  const { plan, folders } = state;
  if (!plan.isInPlace) {
    try {
      return { ...createPartial(state, folder, name), isInPlace: false };
    } catch (error) {
      throw explainDenied(error);
    }
  }
  const { descriptor, isNew } = openInPlace(folders.place(folder, name));
  if (fstatSync(descriptor).isFile()) return { descriptor, name, isInPlace: true, isNew };
  closeSync(descriptor);
  throw new FileFailure('EEXIST', 'exists and is not a regular file');
}

/** @throws Error of the system */
function openInPlace(at: NodePath): { readonly descriptor: number; readonly isNew: boolean } {
  try {
    return { descriptor: openSync(at, IN_PLACE), isNew: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return {
      descriptor: openSync(at, IN_PLACE | constants.O_CREAT | constants.O_EXCL, NEW_MODE),
      isNew: true,
    };
  }
}

function explainDenied(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EACCES') return error;
  return new FileFailure(
    'EACCES',
    'its folder cannot be written; --inplace writes a file that exists in its place',
  );
}

function removeTarget(state: ReceiverState, place: Place, target: Target): void {
  // A file in place stays as far as it was written: there is nothing to go back to
  if (!target.isInPlace) unlinkTarget(state, place, target);
  closeSync(target.descriptor);
}

function unlinkTarget({ folders }: ReceiverState, { folder }: Place, { name }: Target): void {
  try {
    unlinkSync(folders.place(folder, name));
  } catch {
    // The folder is gone, or cannot be written any more
  }
}

const sync = promisify(fsync);

/** Gives a file its attributes and its name, and closes it. */
async function finishFile(state: ReceiverState, incoming: Incoming, target: Target): Promise<void> {
  const { folders, plan } = state;
  const { place, header } = incoming;
  const at = folders.place(place.folder, place.name);
  // A folder of this transfer has nothing that is to be kept
  const existing =
    place.level.isNew || target.isNew === true ? null : (lstatSync(at, { throwIfNoEntry: false }) ?? null);
  if (existing !== null) checkReplaced(existing);
  const stats = fstatSync(target.descriptor, { bigint: true });
  setAttributes(state, header, target.descriptor, existing);
  if (plan.isDurable) await sync(target.descriptor);
  if (!target.isInPlace) {
    const own = folders.place(place.folder, target.name);
    const named = lstatSync(own, { bigint: true, throwIfNoEntry: false });
    if (named?.ino !== stats.ino || named.dev !== stats.dev)
      throw new FileFailure('ESTALE', 'its incomplete file was replaced during the copy');
    renameSync(own, at);
    if (plan.isDurable) await sync(folders.descriptor(place.folder));
  }
  closeSync(target.descriptor);
  rememberFile(state, incoming.place, incoming.header, stats);
}

/** @throws FileFailure for what is no file or symlink, and would be lost */
function checkReplaced(existing: Stats): void {
  if (existing.isDirectory()) throw new FileFailure('EISDIR', 'a folder of that name exists');
  if (!existing.isFile() && !existing.isSymbolicLink())
    throw new FileFailure('EEXIST', 'exists and is not a regular file');
}

/** Hashes the beginning of a file. @returns the hashes at these lengths */
export async function hashPrefix(
  descriptor: number,
  lengths: readonly number[],
  pause: ReceiverState['pause'],
): Promise<readonly (readonly [bytes: number, hash: FileHash])[]> {
  const hash = createFileHash();
  const found: (readonly [number, FileHash])[] = [];
  const into = Buffer.allocUnsafe(FILE_READ_BYTES);
  let at = 0;
  for (const length of lengths) {
    while (at < length) {
      const count = readSync(descriptor, into, 0, Math.min(into.length, length - at), at);
      if (count === 0) return found;
      hash.update(into.subarray(0, count));
      at += count;
      await pause();
    }
    found.push([length, hash.copy()]);
  }
  return found;
}

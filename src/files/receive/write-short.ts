import { hash as hashOnce } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, writeSync } from 'node:fs';
import { FileFailure } from '../describe-failure.ts';
import type { FileHeader } from '../headers.ts';
import { setAttributes } from './attributes.ts';
import { isPartialName } from './partial.ts';
import { rememberFile } from './received-files.ts';
import { type Incoming, type Place, pathOf, type ReceiverState } from './receiver-state.ts';
import { type FileWriter, MISMATCH, openWriter } from './write-file.ts';

/** Of open(2), which Node does not name: a file without a name, in a folder. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
const NAMELESS = constants.O_WRONLY | O_TMPFILE;
/** Until the file has its owner. */
const PRIVATE_MODE = 0o600;
/** What a file system, or a kernel, that has no files without names says. */
const NO_NAMELESS = ['EOPNOTSUPP', 'ENOTSUP', 'EISDIR', 'EINVAL', 'ENOENT'];

/** Begins a file that comes in one record: it is written at once. */
export function createShortWriter(state: ReceiverState, incoming: Incoming): FileWriter {
  const pieces: Uint8Array[] = [];
  return {
    write: (bytes) => void pieces.push(bytes),
    skip: () => undefined,
    commit: () =>
      writeShort(state, incoming, pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces)),
    discard: () => undefined,
    leave: () => undefined,
  };
}

/** @throws Error of the system, FileFailure */
function writeShort(state: ReceiverState, incoming: Incoming, data: Uint8Array): Promise<void> | void {
  const { header, place } = incoming;
  const { sha256 = '' } = header;
  if (hashOnce('sha256', data, 'hex') !== sha256) throw new FileFailure('MISMATCH', MISMATCH);
  if (!writeNameless(state, incoming, data)) {
    const writer = openWriter(state, incoming, null);
    try {
      void writer.write(data);
    } catch (error) {
      void writer.leave(false);
      throw error;
    }
    return writer.commit(sha256, data.length);
  }
  state.report({ kind: 'file', path: pathOf(place), size: data.length, sha256 });
}

/**
 * Writes a file that is new: it has no name before it is complete, so nobody can have replaced it, and it needs half of the
 * system calls of one that is renamed.
 * @returns false: it is to be written under another name first @throws Error of the system
 */
function writeNameless(state: ReceiverState, incoming: Incoming, data: Uint8Array): boolean {
  const { folders, plan, calls } = state;
  const { header, place } = incoming;
  if (calls.nameFile === undefined || state.needsNames || plan.isDurable || !isFree(state, place))
    return false;
  const descriptor = openNameless(state, place, header);
  if (descriptor === null) return false;
  try {
    for (let done = 0; done < data.length; )
      done += writeSync(descriptor, data, done, data.length - done, done);
    if (plan.keepsAttributes) setAttributes(state, header, descriptor, null);
    if (!calls.nameFile(descriptor, folders.place(place.folder, place.name))) return false;
    if (header.shared === true || isPartialName(place.name))
      rememberFile(state, place, header, fstatSync(descriptor, { bigint: true }) satisfies BigIntStats);
    return true;
  } finally {
    closeSync(descriptor);
  }
}

/** A folder of this transfer has nothing yet; if it has meanwhile, the name is refused. */
function isFree({ folders }: ReceiverState, { level, folder, name }: Place): boolean {
  return level.isNew || lstatSync(folders.place(folder, name), { throwIfNoEntry: false }) === undefined;
}

/** The system applies the umask. @returns null: files need names here @throws Error of the system */
function openNameless(state: ReceiverState, { folder }: Place, { mode }: FileHeader): number | null {
  const { folders, plan } = state;
  try {
    return openSync(folders.place(folder, '.'), NAMELESS, plan.keepsAttributes ? PRIVATE_MODE : mode & 0o777);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (NO_NAMELESS.includes(code)) state.needsNames = true;
    // The other way says what to do about a folder that cannot be written
    else if (code !== 'EACCES') throw error;
    return null;
  }
}

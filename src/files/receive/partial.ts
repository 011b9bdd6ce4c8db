import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, unlinkSync } from 'node:fs';
import { type Folder, showIn } from '../folders.ts';
import { MAX_NAME_BYTES } from '../limits.ts';
import type { ReceiverState } from './receiver-state.ts';

/** A file that is not complete, under a name of its own: `.NAME.rexa-ID`. */
export interface Partial {
  readonly descriptor: number;
  readonly name: string;
}

const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const REOPEN = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const PARTIAL_MODE = 0o600;
const PARTIAL_NAME = /^\..*\.rexa-[0-9a-z]+$/s;
/** Under this one what is left of an earlier transfer is found again. */
const FIRST_ID = 'part';

/** Returns whether a name is that of a file that is not complete. */
export function isPartialName(name: string): boolean {
  return PARTIAL_NAME.test(name);
}

function partialName(name: string, id: string): string {
  const frame = `..rexa-${id}`.length;
  let kept = name;
  while (Buffer.byteLength(kept) > MAX_NAME_BYTES - frame) kept = kept.slice(0, -1);
  return `.${kept}.rexa-${id}`;
}

/** Returns a name of a partial file that nobody else uses. */
export function uniquePartialName(name: string): string {
  return partialName(name, randomBytes(6).toString('hex'));
}

/**
 * Creates the partial file of a name. What a receiver that was killed has left of it is replaced.
 * @throws Error of the system
 */
export function createPartial(state: ReceiverState, folder: Folder, name: string): Partial {
  const { folders, calls } = state;
  const first = partialName(name, FIRST_ID);
  try {
    const descriptor = openSync(folders.place(folder, first), CREATE, PARTIAL_MODE);
    if (calls.lock(descriptor) !== false) return { descriptor, name: first };
    closeSync(descriptor);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (removeStale(state, folder, first)) return createPartial(state, folder, name);
  }
  const own = uniquePartialName(name);
  const descriptor = openSync(folders.place(folder, own), CREATE, PARTIAL_MODE);
  calls.lock(descriptor);
  return { descriptor, name: own };
}

/** Removes a partial file that no receiver is writing; false: there may be one. */
function removeStale(state: ReceiverState, folder: Folder, name: string): boolean {
  const stale = openPartial(state, folder, name);
  if (stale === null) return false;
  unlinkSync(state.folders.place(folder, name));
  closeSync(stale.descriptor);
  state.report({ kind: 'deleted', path: showIn(folder, name) });
  return true;
}

/** Opens what an earlier transfer has left of a file, of our own user; null: there is nothing, or it is in use. */
export function findPartial(state: ReceiverState, folder: Folder, name: string): Partial | null {
  return openPartial(state, folder, partialName(name, FIRST_ID));
}

function openPartial(
  { folders, calls, partialLike }: ReceiverState,
  folder: Folder,
  name: string,
): Partial | null {
  let descriptor: number;
  try {
    descriptor = openSync(folders.place(folder, name), REOPEN);
  } catch {
    return null;
  }
  const stats = fstatSync(descriptor, { bigint: true });
  const named = lstatSync(folders.place(folder, name), { bigint: true, throwIfNoEntry: false });
  const isOurs =
    stats.isFile() &&
    Number(stats.uid) === process.geteuid?.() &&
    stats.nlink === 1n &&
    // A source may hold a file of such a name
    !partialLike.has(`${stats.dev}:${stats.ino}`);
  if (isOurs && calls.lock(descriptor) === true && named?.ino === stats.ino && named.dev === stats.dev)
    return { descriptor, name };
  closeSync(descriptor);
  return null;
}

import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  type Stats,
} from 'node:fs';
import { FileFailure } from '../describe-failure.ts';
import type { FileHeader } from '../headers.ts';
import { type Incoming, pathOf, type ReceiverState } from './receiver-state.ts';

/** Times that are not kept to the nanosecond are compared to the microsecond. */
const COARSE_NS = 1000n;

const OPEN_EXISTING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Compares times of modification, as exactly as they are kept. @returns negative: the file is older than the source */
export function compareTimes(
  { calls }: Pick<ReceiverState, 'calls'>,
  { mtimeNs }: BigIntStats,
  wanted: string,
): number {
  const unit = calls.isExact ? 1n : COARSE_NS;
  return Number(mtimeNs / unit - BigInt(wanted) / unit);
}

/** Gives a file whose data is right already the attributes of the source, with `-p`. @throws Error of the system, FileFailure */
export function updateAttributes(
  state: ReceiverState,
  { place, header }: Incoming,
  existing: BigIntStats,
): void {
  const { plan, folders } = state;
  if (!plan.keepsAttributes || header.stream === true || plan.isDry || hasAttributes(state, header, existing))
    return;
  const descriptor = openSync(folders.place(place.folder, place.name), OPEN_EXISTING);
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    if (dev !== existing.dev || ino !== existing.ino)
      throw new FileFailure('ESTALE', 'was replaced during the copy');
    setAttributes(state, header, descriptor, null);
    state.report({ kind: 'attributes', path: pathOf(place) });
  } finally {
    closeSync(descriptor);
  }
}

function hasAttributes(state: ReceiverState, header: FileHeader, existing: BigIntStats): boolean {
  if ((header.xattrs ?? []).length > 0) return false;
  const isOwner = Number(existing.uid) === header.uid && Number(existing.gid) === header.gid;
  // Only root gives files away
  if (!isOwner && state.plan.confinedTo === null && process.geteuid?.() === 0) return false;
  const mode = isOwner && state.plan.confinedTo === null ? header.mode : header.mode & 0o1777;
  return (Number(existing.mode) & 0o7777) === mode && compareTimes(state, existing, header.mtime) === 0;
}

/** The mode is that of the source, within the umask where it is not to be kept, or of the file that is replaced. */
export function setAttributes(
  state: ReceiverState,
  header: FileHeader,
  descriptor: number,
  existing: Stats | null,
): void {
  const { plan, calls, umask } = state;
  if (!plan.keepsAttributes || header.stream === true) {
    const mode = existing?.isFile() === true ? existing.mode & 0o777 : header.mode & 0o777 & ~umask;
    fchmodSync(descriptor, mode);
    return;
  }
  // Before the mode, which may forbid it
  for (const [name, value] of header.xattrs ?? []) writeAttribute(calls, descriptor, name, value);
  const isOwner = changeOwner(
    state,
    () => fchownSync(descriptor, header.uid, header.gid),
    fstatSync(descriptor),
    header,
  );
  // As cp -p: the bits are worth nothing under another owner
  fchmodSync(descriptor, isOwner ? header.mode : header.mode & 0o1777);
  calls.setTime(descriptor, BigInt(header.mtime));
}

/** @returns whether it has the owner of the source; never, if the client may only write to one folder */
export function changeOwner(
  { plan }: Pick<ReceiverState, 'plan'>,
  change: () => void,
  { uid, gid }: Pick<Stats, 'uid' | 'gid'>,
  wanted: Pick<FileHeader, 'uid' | 'gid'>,
): boolean {
  if (plan.confinedTo !== null) return false;
  if (uid === wanted.uid && gid === wanted.gid) return true;
  try {
    change();
    return true;
  } catch {
    // Only root gives files away
    return false;
  }
}

/** Only of the user's own names: the others are the system's. A file system without them does not take them. */
function writeAttribute(
  { writeAttribute: write }: ReceiverState['calls'],
  descriptor: number,
  name: string,
  value: string,
): void {
  if (!name.startsWith('user.')) return;
  try {
    write?.(descriptor, name, Buffer.from(value, 'base64'));
  } catch (error) {
    if (!['EOPNOTSUPP', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

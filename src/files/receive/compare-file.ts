import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { FileFailure } from '../describe-failure.ts';
import type { FileHash } from '../hash.ts';
import { MAX_RESUME_POINTS, RESUME_STEP_BYTES } from '../limits.ts';
import { compareTimes, updateAttributes } from './attributes.ts';
import { findPartial, type Partial } from './partial.ts';
import { rememberFile } from './received-files.ts';
import type { Incoming, ReceiverState } from './receiver-state.ts';
import { type FileWriter, hashPrefix, openWriter } from './write-file.ts';

/** What there is already of a file that the sender has asked about. */
export type Found =
  /** The file is as it should be. */
  | { readonly kind: 'same'; readonly existing: BigIntStats }
  | { readonly kind: 'nothing' }
  /** What an earlier transfer has left of it. */
  | { readonly kind: 'partial'; readonly seen: Seen; readonly points: Points }
  /** A file of the same length, whose hash will show whether it is the same. */
  | { readonly kind: 'whole'; readonly existing: BigIntStats; readonly points: Points };

type Points = readonly (readonly [bytes: number, hash: FileHash])[];

/** Tells a file from another one, or a later state, under its name. */
type Seen = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs'>;

/** Returns the hashes of what there is of a file. */
export function pointsOf({ found }: { readonly found: Found }): Points {
  return 'points' in found ? found.points : [];
}

/**
 * Looks what there is of a file. Nothing stays open.
 * @throws Error of the system, FileFailure when the transfer is over
 */
export async function findExisting(
  state: ReceiverState,
  { place, header }: Incoming,
  mostPoints: number,
): Promise<Found> {
  const { folders, plan, pause } = state;
  const existing = lstatSync(folders.place(place.folder, place.name), {
    bigint: true,
    throwIfNoEntry: false,
  });
  const isCandidate = existing?.isFile() === true && existing.size === BigInt(header.size ?? -1);
  if (isCandidate && plan.comparesTimes && isCurrent(state, existing, header.mtime))
    return { kind: 'same', existing };
  if (isCandidate && header.checksum !== undefined) {
    const points = await hashExisting(state, place);
    return points.at(-1)?.[1].sofar() === header.checksum ? { kind: 'same', existing } : { kind: 'nothing' };
  }
  if (!plan.resumes || plan.isDry) return { kind: 'nothing' };
  const partial = findPartial(state, place.folder, place.name);
  if (partial !== null) {
    try {
      const seen = fstatSync(partial.descriptor, { bigint: true });
      const lengths = pointsBelow(Number(seen.size)).slice(-mostPoints);
      return { kind: 'partial', seen, points: await hashPrefix(partial.descriptor, lengths, pause) };
    } finally {
      // Opened again when the data comes: as many may be asked for as descriptors would not suffice
      closeSync(partial.descriptor);
    }
  }
  return isCandidate
    ? { kind: 'whole', existing, points: await hashExisting(state, place) }
    : { kind: 'nothing' };
}

/** Without -p a copy is as old as its transfer, so it is current unless the source is younger. */
function isCurrent(state: ReceiverState, existing: BigIntStats, wanted: string): boolean {
  const order = compareTimes(state, existing, wanted);
  return state.plan.keepsAttributes ? order === 0 : order >= 0;
}

async function hashExisting(
  { folders, pause }: ReceiverState,
  { folder, name }: Incoming['place'],
): Promise<Points> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = openSync(folders.place(folder, name), flags);
  try {
    const stats = fstatSync(descriptor);
    return stats.isFile() ? await hashPrefix(descriptor, [stats.size], pause) : [];
  } finally {
    closeSync(descriptor);
  }
}

/** Lengths up to a size, whose hashes are compared: what was damaged behind one of them costs no more than that. */
function pointsBelow(size: number): readonly number[] {
  const step = Math.max(RESUME_STEP_BYTES, Math.ceil(size / MAX_RESUME_POINTS));
  const points = Array.from({ length: Math.floor(size / step) }, (_, index) => (index + 1) * step);
  return size === 0 || points.at(-1) === size ? points : [...points, size];
}

/** Opens what continues a file from a byte on. @throws Error of the system, FileFailure */
export function continueFile(
  state: ReceiverState,
  incoming: Incoming,
  found: Found,
  from: number,
): FileWriter {
  const point = 'points' in found ? found.points.find(([bytes]) => bytes === from) : undefined;
  if (found.kind === 'partial' && from > 0) {
    const partial = reopenPartial(state, incoming, found.seen);
    if (point === undefined || partial === null)
      throw new FileFailure('CHANGED', 'its incomplete file changed, or is being written by another copy');
    return openWriter(state, incoming, { partial, bytes: point[0], hash: point[1] });
  }
  if (found.kind === 'whole' && point !== undefined)
    return createUnchangedWriter(state, incoming, found.existing, point);
  if (from > 0) throw new FileFailure('EINVAL', 'the sender continues a file that is not there');
  return openWriter(state, incoming, null);
}

/** The data of a file is right already. @throws Error of the system, FileFailure */
export function takeExisting(state: ReceiverState, incoming: Incoming, existing: BigIntStats): void {
  updateAttributes(state, incoming, existing);
  rememberFile(state, incoming.place, incoming.header, existing);
}

/** Takes a file that is there as it is, if nothing follows. */
function createUnchangedWriter(
  state: ReceiverState,
  incoming: Incoming,
  existing: BigIntStats,
  [bytes, hash]: Points[number],
): FileWriter {
  let writer: FileWriter | null = null;
  const fail = (): never => {
    throw new FileFailure('CHANGED', 'changed during the copy');
  };
  return {
    write: (data) => (writer === null ? fail() : writer.write(data)),
    skip: (length) => (writer === null ? fail() : writer.skip(length)),
    commit(sha256, size) {
      if (writer !== null) return writer.commit(sha256, size);
      if (hash.sofar() !== sha256 || size !== bytes) fail();
      const { folder, name } = incoming.place;
      const now = lstatSync(state.folders.place(folder, name), { bigint: true, throwIfNoEntry: false });
      if (now === undefined || !isSame(now, existing)) fail();
      takeExisting(state, incoming, existing);
    },
    discard() {
      writer ??= openWriter(state, incoming, null);
      return writer.discard();
    },
    leave: (isKept) => writer?.leave(isKept),
  };
}

function reopenPartial(state: ReceiverState, { place }: Incoming, seen: Seen): Partial | null {
  const partial = findPartial(state, place.folder, place.name);
  if (partial === null) return null;
  if (isSame(fstatSync(partial.descriptor, { bigint: true }), seen)) return partial;
  closeSync(partial.descriptor);
  return null;
}

function isSame(now: Seen, seen: Seen): boolean {
  return (
    now.dev === seen.dev && now.ino === seen.ino && now.size === seen.size && now.mtimeNs === seen.mtimeNs
  );
}

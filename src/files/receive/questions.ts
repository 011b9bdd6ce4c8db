import { FileFailure } from '../describe-failure.ts';
import type { FileHeader, HardlinkHeader } from '../headers.ts';
import { MAX_OPEN_RESUME_POINTS, MAX_PENDING_ENTRIES, MAX_RESUME_POINTS } from '../limits.ts';
import { type Found, findExisting, pointsOf, takeExisting } from './compare-file.ts';
import { wrong } from './protocol-error.ts';
import type { Place, ReceiverState } from './receiver-state.ts';
import { refuseSame } from './same-file.ts';

/** A file that the sender was asked for, and what is there of it. */
export interface WantedFile {
  readonly header: FileHeader;
  /** Null: the destination is no file. */
  readonly place: Place | null;
  readonly found: Found;
}

/** A hard link to a file that is not there yet. */
interface WaitingLink {
  readonly place: Place;
  readonly header: HardlinkHeader;
}

/** The files that the sender asked about and that are wanted, and the hard links that wait for them. */
export interface Questions {
  /** Compares a file with what is there. @returns false: it is there; true: it would be copied; null: it is wanted */
  ask(header: FileHeader, place: Place): Promise<boolean | null>;
  /** Wants the file for the sink. @returns as `ask` */
  askForSink(header: FileHeader): boolean | null;
  isWanted(id: number): boolean;
  /** A wanted file comes now, or never. @returns undefined: it was not wanted */
  take(id: number): WantedFile | undefined;
  /** Keeps a hard link to a wanted file. @throws FileFailure */
  keepLink(link: WaitingLink): void;
  /** Returns the links that were kept. */
  takeLinks(): readonly WaitingLink[];
  readonly isEmpty: boolean;
  clear(): void;
}

/** Creates it; nothing was asked yet. */
export function createQuestions(state: ReceiverState): Questions {
  const { plan, folders } = state;
  const wanted = new Map<number, WantedFile>();
  let links: WaitingLink[] = [];
  /** Hashes that the sender has been told, and has not answered. */
  let openPoints = 0;

  function want(id: number, file: WantedFile): void {
    if (wanted.size >= 2 * MAX_PENDING_ENTRIES) throw wrong('too many questions');
    wanted.set(id, file);
    const points = pointsOf(file);
    openPoints += points.length;
    state.answers.send({ type: 'want', id, have: points.map(([bytes, hash]) => [bytes, hash.sofar()]) });
  }

  return {
    async ask(header, place) {
      const incoming = { header, place };
      const mostPoints = openPoints < MAX_OPEN_RESUME_POINTS ? MAX_RESUME_POINTS : 1;
      const found = await findExisting(state, incoming, mostPoints);
      if (found.kind === 'same') {
        takeExisting(state, incoming, found.existing);
        return false;
      }
      refuseSame(folders, place, header);
      if (plan.isDry) return true;
      place.level.pending++;
      // They come again with the content, and of many files they would be much
      const { xattrs: _xattrs, ...kept } = header;
      want(header.id, { header: kept, place, found });
      return null;
    },
    askForSink(header) {
      if (plan.isDry) return true;
      want(header.id, { header, place: null, found: { kind: 'nothing' } });
      return null;
    },
    isWanted: (id) => wanted.has(id),
    take(id) {
      const file = wanted.get(id);
      wanted.delete(id);
      if (file !== undefined) openPoints -= pointsOf(file).length;
      return file;
    },
    keepLink(link) {
      if (links.length >= MAX_PENDING_ENTRIES) throw new FileFailure('EMLINK', 'too many hard links wait');
      links.push(link);
      link.place.level.pending++;
    },
    takeLinks() {
      const taken = links;
      links = [];
      return taken;
    },
    get isEmpty() {
      return wanted.size === 0;
    },
    clear: () => wanted.clear(),
  };
}

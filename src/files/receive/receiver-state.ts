import type { BigIntStats } from 'node:fs';
import type { Exclude } from '../exclude.ts';
import type { FileCalls } from '../file-calls.ts';
import type { Folder, Folders } from '../folders.ts';
import type { FileHeader, FolderHeader } from '../headers.ts';
import type { TransferAct } from '../transfer-end.ts';
import type { Answers } from './answers.ts';
import type { KeptNames } from './kept-names.ts';
import type { ReceivePlan } from './receive-plan.ts';

/** A folder that is being filled. */
export interface Level {
  /** Null: it could not be made, or with `--dry-run` does not exist. */
  readonly folder: Folder | null;
  readonly above: Level | null;
  /** Null: the folder that the transfer goes to, which stays as it is. */
  readonly header: FolderHeader | null;
  /** Its path below the source, for `--exclude`. */
  readonly path: string;
  /** Made by this transfer. */
  readonly isNew: boolean;
  /** Files and folders in it that are not complete yet. */
  pending: number;
  hasLeft: boolean;
  /** What the sender has there; null: nobody asks. */
  readonly names: KeptNames | null;
}

/** Where an entry goes. */
export interface Place {
  readonly level: Level;
  readonly folder: Folder;
  readonly name: string;
}

/** A file of which data may come. */
export interface Incoming {
  readonly place: Place;
  readonly header: FileHeader;
}

/** All that the parts of a receiver share. */
export interface ReceiverState {
  readonly plan: ReceivePlan;
  readonly calls: FileCalls;
  readonly folders: Folders;
  readonly answers: Answers;
  readonly excludes: Exclude;
  readonly umask: number;
  /** Files with several names that are in their places, by their ids. */
  readonly shared: Map<number, Pick<Place, 'folder' | 'name'> & Pick<BigIntStats, 'dev' | 'ino'>>;
  /** Files in their places, `dev:ino`, whose names are like those of incomplete files. */
  readonly partialLike: Set<string>;
  /** Makes the names of a folder, for `--delete`. */
  readonly keepNames: () => KeptNames;
  /** Folders that the sender has left, and in which files are not complete yet. */
  readonly unsettled: Set<Level>;
  /** The sender could not read something: nothing is removed. */
  hasTrouble: boolean;
  /** Files cannot be written without a name here. */
  needsNames: boolean;
  /** Lets others have their turn; undefined: it is not time yet. @throws FileFailure when the transfer is over */
  readonly pause: () => Promise<void> | undefined;
  readonly report: (act: TransferAct) => void;
}

/** Returns the path of a place for people, and for the audit. */
export function pathOf({ folder, name }: Pick<Place, 'folder' | 'name'>): string {
  return `${folder.shown === '/' ? '' : folder.shown}/${name}`;
}

import type { Exclude } from '../exclude.ts';
import type { FileCalls } from '../file-calls.ts';
import type { Folder, Folders } from '../folders.ts';
import type { RecordWriter } from '../records.ts';
import type { TransferAct } from '../transfer-end.ts';
import type { SendPlan } from './send-plan.ts';

/** A file that the receiver was asked about. */
export interface AskedFile {
  readonly folder: Folder;
  /** Under which it is sent. */
  readonly name: string;
  readonly source: FileSource;
}

/** Where a file is read. */
export interface FileSource {
  readonly folder: Folder;
  readonly name: string;
  /** A symlink in its place is followed. */
  readonly isFollowed: boolean;
  /** It was named itself. */
  readonly isRoot?: boolean;
}

/** What of a file the receiver has: so many bytes with this hash, shorter parts first. */
export interface Want {
  readonly id: number;
  readonly file: AskedFile;
  readonly have: readonly (readonly [bytes: number, sha256: string])[];
}

/**
 * Steps of a sender. `more`: it could go on, if there is room for its output. `wait`: it can't before an answer.
 */
export type Steps = Generator<'more' | 'wait', void, void>;

/** All that the steps of a sender share. */
export interface SenderState {
  readonly plan: SendPlan;
  readonly calls: FileCalls;
  readonly folders: Folders;
  readonly out: RecordWriter;
  readonly excludes: Exclude;
  nextId: number;
  /** Entries without an answer: those that can be answered. */
  readonly unanswered: Set<number>;
  readonly asked: Map<number, AskedFile>;
  readonly wanted: Want[];
  /** Hashes in it. */
  wantedHashes: number;
  /** The id whose data is being sent; -1: none. */
  sending: number;
  /** The receiver has given up the file that is being sent. */
  isRefused: boolean;
  /** The first id of each inode with several names. */
  readonly linked: Map<string, number>;
  /** Told of everything that is done, for the audit. */
  readonly report: (act: TransferAct) => void;
}

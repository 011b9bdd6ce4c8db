import type { Compress } from '../pack-end.ts';

/** What a sender sends, and how. */
export interface SendPlan {
  /** Paths in byte text, absolute, as they were typed otherwise. */
  readonly sources: readonly string[];
  /** Folders are sent with what is in them (`-r`). */
  readonly isRecursive: boolean;
  /** Symlinks are followed (`-L`). */
  readonly followsLinks: boolean;
  /** Extended attributes are sent (`-p`). */
  readonly keepsAttributes: boolean;
  /** The receiver is asked before the data of a file is sent. */
  readonly asks: boolean;
  /** The question has the hash of the file (`--checksum`). */
  readonly hashesFirst: boolean;
  /** Patterns of what is left out (`--exclude`). */
  readonly exclude: readonly string[];
  /** When what is sent is compressed. */
  readonly compress: Compress;
  /** Null: anything. Otherwise only this folder, and symlinks are not followed anywhere below it. */
  readonly confinedTo: string | null;
}

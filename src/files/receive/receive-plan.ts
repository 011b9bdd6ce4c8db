/** What a sender was asked for: it may be hostile, and send something else. */
export interface ExpectedSource {
  /** Names of its first level, in byte text; empty: one that only the sender knows. */
  readonly roots: readonly string[];
  /** Folders and symlinks may come (`-r`). */
  readonly isRecursive: boolean;
  /** It asks before it sends the data of a file. */
  readonly asks: boolean;
}

/** What a receiver does with what it gets. */
export interface ReceivePlan {
  /** Byte text, absolute, as it was typed otherwise. */
  readonly target: string;
  /** The target has to be a folder that exists: several sources come. */
  readonly needsFolder: boolean;
  /** Modes, times, owners where allowed, and extended attributes are kept (`-p`). */
  readonly keepsAttributes: boolean;
  /** A file of the same length and time is left as it is (`--update`). */
  readonly comparesTimes: boolean;
  /** What was received of a file is kept if the transfer ends before it is complete (`--resume`). */
  readonly resumes: boolean;
  /** What the sender does not have is removed (`--delete`). */
  readonly deletes: boolean;
  /** What `--delete` leaves alone. */
  readonly exclude: readonly string[];
  /** Nothing is changed (`--dry-run`). */
  readonly isDry: boolean;
  /** Files are on the disk before they are reported (`--durable`). */
  readonly isDurable: boolean;
  /** Files are written in their places (`--inplace`). */
  readonly isInPlace: boolean;
  /** The target is the file itself, never a folder that it goes into. */
  readonly isFile: boolean;
  /** Null: anywhere. Otherwise only below this folder, and no symlink leads there. */
  readonly confinedTo: string | null;
  /** Null: the sender is the client, which sends what it likes. */
  readonly expects: ExpectedSource | null;
}

/** One stream of a test, as assertions see it. */
export interface CheckedOutput {
  /** All that was written; UTF-8 unless the test asked for bytes. */
  readonly bytes: Uint8Array;
  /** Its text, as it is. */
  readonly whole: string;
  /** Its text as it is compared: CRLF is LF, without white space at either end. */
  readonly text: string;
  /** The lines that are found by their numbers. */
  readonly lines: readonly string[];
  /** Characters that could not be mapped. */
  readonly replaced: number;
}

/** What is wrong with a test's outcome or output. */
export interface Problem {
  /** What was asserted: `stdout`, `exit-code`. */
  readonly property: string;
  /** A sentence. */
  readonly message: string;
  /** Texts to be shown as a difference. */
  readonly expected?: string;
  readonly actual?: string;
}

/** What an assertion finds: null is right. */
export type Finding = Omit<Problem, 'property'> | null;

/** Files beside the file of tests. */
export interface CheckFiles {
  /** A file relative to the working folder, or, if it is not there, to the folder of the file of tests; null: it is nowhere. */
  read(path: string): Promise<Buffer | null>;
  /** The snapshot of this name. */
  readSnapshot(path: string): Promise<string | null>;
  /** Called for each snapshot that was taken; absent: snapshots are only compared. */
  readonly writeSnapshot?: (path: string, text: string) => Promise<string | null>;
  /** Takes the values of secrets out. */
  mask(text: string): string;
}

/** An assertion about one stream. */
export interface OutputCheck {
  /** The key that it stands behind. */
  readonly key: string;
  /** In words, for `explain`. */
  readonly words: string;
  check(output: CheckedOutput, files: CheckFiles): Finding | Promise<Finding>;
}

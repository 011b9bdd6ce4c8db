/** Both ends of a pipe, close-on-exec. The caller closes them. */
export interface PipePair {
  readonly readEnd: number;
  readonly writeEnd: number;
}

/** Who is at the other end of a Unix socket; the pid is null where only the user is known. */
export interface PeerCredentials {
  readonly pid: number | null;
  readonly uid: number;
}

/** `unknown`: this host has no way to lock, and the caller has to do without. */
export type LockResult = 'locked' | 'busy' | 'unknown';

/** How a process ended, beyond what Node tells. */
export interface ExitWitness {
  /** The number of the signal that ended the process, once it was waited for; null: none did, or it isn't known. */
  endSignal(): number | null;
  close(): void;
}

/** In characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A terminal whose other side somebody is still to open. */
export interface TerminalPair {
  /** What is written there is typed, what is read there is shown. Close-on-exec, and never waits; the caller closes it. */
  readonly master: number;
  /** What a program opens to be on the terminal, such as `/dev/pts/3`. */
  readonly path: string;
}

/** Terminals: pty(7). */
export interface TerminalCalls {
  /** @param isUtf8 whether backspace takes away characters of UTF-8 @throws Error with `code`, such as ENOSPC */
  open(size: TerminalSize, isUtf8: boolean): TerminalPair;
  /** Whether a session has taken the terminal as its own: before that, keys that make signals reach nobody. */
  isTaken(master: number): boolean;
  /** Those on the terminal hear of it by SIGWINCH. */
  resize(master: number, size: TerminalSize): void;
  /** Lets a terminal that was stopped (Ctrl-S) show what is written again. @param fd a program's side of it */
  restartOutput(fd: number): void;
  /** What was typed and nobody has read. @param fd a program's side of it */
  unreadBytes(fd: number): number;
}

/** The few system calls that Node lacks. Descriptors are plain numbers. */
export interface SystemCalls {
  /** `linux`, `darwin` or `fallback`. */
  readonly name: string;
  /** What is done by lesser means here, and why: one sentence each, for the log. Empty where all is native. */
  readonly shortcomings: readonly string[];
  /**
   * Marks all descriptors but 0, 1 and 2 close-on-exec (close_range(2)): what this process inherited from its starter is
   * not for its children. Those that Node opens, and the lowest, are so already.
   */
  sealDescriptors(): void;
  /** pipe2(2) with O_CLOEXEC; null: use the pipes that Node makes. @throws Error with `code`, such as EMFILE */
  makePipe(): PipePair | null;
  /** Asks for a larger pipe (F_SETPIPE_SZ). A refusal is not an error: the pipe stays as it is. */
  growPipe(fd: number, bytes: number): void;
  /** SO_PEERCRED of a connected Unix socket, getpeereid(3) on macOS; null: unknown. */
  peerCredentials(fd: number): PeerCredentials | null;
  /** PR_SET_CHILD_SUBREAPER: orphans below this process become its children. False: they go to init. */
  becomeSubreaper(): boolean;
  /** flock(2) with LOCK_EX and LOCK_NB; it lasts as long as the descriptor. @throws Error with `code` */
  lockFile(fd: number): LockResult;
  /** The pid of a child that has ended and wasn't waited for, the child being left as it is; null: there is none. */
  findDeadChild(): number | null;
  /** Waits for a child that has ended, which takes its exit status away from everybody else. */
  reapChild(pid: number): void;
  /** A witness of the end of a child that runs; null where there can be none. */
  watchExit(pid: number): ExitWitness | null;
  /** Null where this host has none that we could call for. */
  readonly terminals: TerminalCalls | null;
}

import type { TerminalModes } from '../../protocol/terminal-modes.ts';

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

/** How a child ended: exactly one of the two is not null. */
export interface ChildEnd {
  readonly exitCode: number | null;
  /** The number of the signal that ended it. */
  readonly signal: number | null;
}

/** What a program is started with, byte for byte; nothing holds a NUL. */
export interface SpawnPlan {
  /** What execve(2) is given in the folder `cwd`. */
  readonly path: Uint8Array;
  readonly argv: readonly Uint8Array[];
  /** `NAME=value`, each. */
  readonly environment: readonly Uint8Array[];
  readonly cwd: Uint8Array;
  /**
   * Descriptors of ours that become its 0, 1, 2 and so on (above 2 themselves; null: /dev/null; undefined: closed), or the path
   * of a terminal, which becomes the first three and its controlling terminal.
   */
  readonly stdio: readonly (number | null | undefined)[] | { readonly terminal: string };
}

/**
 * posix_spawn(3). The child leads a session of its own, has no signal blocked or ignored, and no other descriptors. A program
 * that is no program (ENOEXEC) fails: execvp(3) would have sh run it.
 */
export interface PosixSpawn {
  /** Returns the pid when the program has taken the child's place (this thread waits 0.1 ms), or a negative errno. */
  spawn(plan: SpawnPlan): number;
  /** The same in another thread. `handleEnd` is called from the event loop. */
  spawnAside(plan: SpawnPlan, handleEnd: (pidOrError: number) => void): void;
  /**
   * Returns memory that was freed to the system, in another thread (malloc_trim(3)): each thread keeps what it has freed.
   * Does nothing where the C library has no such call.
   */
  trimMemory(): void;
}

/** Columns and rows in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
  /** Of the whole window; absent and 0: not known. */
  readonly widthPixels?: number;
  readonly heightPixels?: number;
}

/** A terminal as it is at first. */
export interface TerminalRequest extends TerminalSize {
  /** Whether the program's characters are UTF-8: only then may backspace take away characters (IUTF8). */
  readonly isUtf8: boolean;
  /** Its special characters and modes where they are not those of a new terminal. */
  readonly modes?: TerminalModes;
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
  /** @throws Error with `code`, such as ENOSPC */
  open(request: TerminalRequest): TerminalPair;
  /** Those on the terminal hear of it by SIGWINCH. */
  resize(master: number, size: TerminalSize): void;
  /** Lets a terminal that was stopped (Ctrl-S) show what is written again. @param fd a program's side of it */
  restartOutput(fd: number): void;
  /** Typed text that no program has read. @param fd a program's side of it */
  unreadBytes(fd: number): number;
  /** The byte that is typed for an end of file (VEOF); null: it is off, or not known. @param fd either side of it */
  endOfFile(fd: number): number | null;
  /** Whether lines are read and not echoed (ICANON without ECHO); false where that is not known. @param fd either side of it */
  hidesLines(fd: number): boolean;
}

/** The few system calls that Node lacks. Descriptors are plain numbers. */
export interface SystemCalls {
  /** `linux`, `darwin` or `fallback`. */
  readonly name: string;
  /** What is done by lesser means here, and why: one sentence each, for the log. Empty where all is native. */
  readonly limitations: readonly string[];
  /**
   * Marks all descriptors but 0, 1 and 2 close-on-exec (close_range(2)): what this process inherited from its starter is
   * not for its children. Those that Node opens, and the lowest, are so already.
   */
  sealDescriptors(): void;
  /** pipe2(2) with O_CLOEXEC; null: use the pipes that Node makes. @throws Error with `code`, such as EMFILE */
  makePipe(): PipePair | null;
  /** socketpair(2) with SOCK_CLOEXEC; null where there is no makePipe. @throws Error with `code`, such as EMFILE */
  makeSocketPair(): readonly [number, number] | null;
  /** Asks for a larger pipe (F_SETPIPE_SZ). A refusal is not an error: the pipe stays as it is. */
  growPipe(fd: number, bytes: number): void;
  /** Bytes in a pipe of makePipe that nobody has read yet (FIONREAD). @param fd either end */
  unreadBytes(fd: number): number;
  /** SO_PEERCRED of a connected Unix socket, getpeereid(3) on macOS; null: unknown. */
  peerCredentials(fd: number): PeerCredentials | null;
  /** PR_SET_CHILD_SUBREAPER: orphans below this process become its children. False: they go to init. */
  becomeSubreaper(): boolean;
  /** flock(2) with LOCK_EX and LOCK_NB; it lasts as long as the descriptor. @throws Error with `code` */
  lockFile(fd: number): LockResult;
  /** The pid of a child that has ended and wasn't waited for, the child being left as it is; null: there is none. */
  findDeadChild(): number | null;
  /** Waits for a child that has ended, which takes its exit status away from everybody else; null: it has not ended. */
  reapChild(pid: number): ChildEnd | null;
  /** Null where there is none that we could call, and Node spawns: then words that are not UTF-8 cannot be given. */
  readonly posixSpawn: PosixSpawn | null;
  /** Null where this host has none that we could call for. */
  readonly terminals: TerminalCalls | null;
}

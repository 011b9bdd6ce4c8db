import type { Duplex, Readable, Writable } from 'node:stream';
import type { Word } from '../../protocol/word.ts';
import type { PipeHolders } from '../system/pipe-holders.ts';
import type { TerminalRequest, TerminalSize } from '../system/system-calls.ts';
import type { SignalName } from './signals.ts';

/** One variable of an environment. */
export type Variable = readonly [name: Word, value: Word];

/** What to start. Everything is decided: no service and no runner looks anything up behind it. */
export interface StartRequest {
  /**
   * Marks the process tree (REXA_RUN_ID in its environment), so that it can be found again: what carries it is ended
   * with the run, so no two runs of a daemon may have the same.
   */
  readonly runId: string;
  /** The program: a path, or a name looked up in the environment's PATH. */
  readonly file: Word;
  readonly args: readonly Word[];
  /** An absolute path. */
  readonly cwd: Word;
  /** The whole environment of the command; nothing is added but REXA_RUN_ID. */
  readonly environment: readonly Variable[];
  /** `pipe`: `Running.stdin` is written by the service; `none`: the command reads /dev/null. */
  readonly stdin: 'pipe' | 'none';
  /** `stdout`: both are one pipe, so that their bytes keep their order; `Running.stderr` is empty. Default: apart. */
  readonly stderr?: 'stdout';
  /** Outputs that are /dev/null; their streams are empty. */
  readonly discarded?: readonly ('stdout' | 'stderr')[];
  /** Descriptors above 2 that the command finds open: each a Unix socket, whose other end is in `Running.descriptors`. */
  readonly descriptors?: readonly number[];
  /** What the program finds as its own name, where that is not the name that it is started by: `-bash`. */
  readonly argv0?: Word;
  /** How messages name the program and the folder, where their bytes are in a charset that only the caller knows. */
  readonly shown?: { readonly file: string; readonly cwd: string };
  /** The terminal to run on; absent: pipes. */
  readonly terminal?: TerminalRequest;
}

/** How a process ended by itself: exactly one of the two is not null. */
export interface ProcessExit {
  readonly exitCode: number | null;
  /** A name such as `SIGTERM`, or the number of one that has none, such as `SIG34`. */
  readonly signal: SignalName | null;
}

/** One started command. The seam of the daemon: no service knows what is behind it. */
export interface Running {
  readonly pid: number;
  /**
   * Null when the request said `none`. A command that closes its stdin makes writes fail with EPIPE; when it exits,
   * an idle stdin is destroyed. An `error` event that nobody listens for is harmless here. On a terminal it is the
   * keyboard, and its end is what is typed for an end of file.
   */
  readonly stdin: Writable | null;
  /**
   * The command's raw bytes, with backpressure down to its pipe; ends when nobody holds the pipe any more. Whoever
   * does not read a stream to its end has to destroy it: else it stays open. What is shown on a terminal is stdout,
   * ends with what was written before the command's exit, and stderr is empty.
   */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Our ends of the descriptors above 2 that were asked for. */
  readonly descriptors: ReadonlyMap<number, Duplex>;
  /** Resolves when the process itself has ended, whoever may still hold its pipes. Never rejects. */
  readonly exit: Promise<ProcessExit>;
  /** Looks whether the command has exited: then `exit` resolves, though the system has not told of it yet. */
  noticeExit?(): void;
  /** Sends a signal to the command's process group; false when it is gone. */
  signal(name: NodeJS.Signals): boolean;
  /**
   * Ends the whole process tree: SIGTERM, after `graceMs` SIGKILL, those that called setsid included.
   * Resolves with the pids that are still there.
   */
  endTree(graceMs: number): Promise<readonly number[]>;
  /**
   * Nobody is there any more. On pipes this is `endTree`. A terminal is hung up: SIGHUP for the shell and what is in front,
   * which hands it on to its jobs; who took care to outlive that (nohup, disown, setsid) does, unless the command
   * itself is still there after `graceMs`: then its tree is ended.
   */
  hangUp(graceMs: number): Promise<readonly number[]>;
  /** Gives the terminal another size; nothing on pipes. */
  resize(size: TerminalSize): void;
  /**
   * How many bytes of an output were written and not given out yet: in its pipe, and in its stream. Where a pipe can't be
   * asked only those in the stream are known.
   */
  waitingBytes(name: 'stdout' | 'stderr'): number;
  /** Whether what is typed now is a line that is not shown, as a password is. Absent where that is not known. */
  readonly hidesInput?: () => boolean;
  /** Bytes of stdin that nobody had read when the command exited; null where that is not known, as before its exit. */
  readonly unreadInput?: () => number | null;
  /** Who else holds stdout or stderr, once the command has exited. */
  findPipeHolders(): PipeHolders;
}

/**
 * Starts commands.
 * @throws RexaError FILE_NOT_FOUND, FILE_NOT_EXECUTABLE, CWD_UNUSABLE, ARGUMENTS_TOO_LONG, ARGUMENT_INVALID,
 * TERMINAL_UNAVAILABLE or SPAWN_FAILED: then nothing was run.
 */
export interface Runner {
  start(request: StartRequest): Promise<Running>;
}

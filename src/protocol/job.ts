import type { WireWord } from './word.ts';

/** How long a run continues without a client; docs/jobs.md. */
export type Lifetime = 'with-client' | 'detached' | { readonly lingerMs: number };

/** The requested command: a program with its exact arguments, a shell line, the login shell, or a subsystem. */
export type AskedCommand =
  | { readonly argv: readonly WireWord[] }
  | { readonly line: WireWord }
  | { readonly subsystem: string }
  | { readonly shell: 'login' };

/** The outcome of a job: that of a run without `encoding`, since the output is stored untranscoded. */
export interface JobOutcome {
  readonly name: 'exited' | 'signaled' | 'timed-out' | 'canceled';
  readonly exitCode: number | null;
  /** A name such as `SIGTERM`. */
  readonly signal: string | null;
  /** For `timed-out` and `canceled`: the catalogue's code and text. */
  readonly code: string | null;
  readonly reason: string | null;
  /** Bytes that the command wrote, before transcoding, and bytes written to its stdin. */
  readonly bytes: { readonly stdin: number; readonly stdout: number; readonly stderr: number };
  readonly durationMs: number;
  /** Processes of the tree that could not be ended. */
  readonly survivors: readonly number[];
  /** Processes that held stdout or stderr open after the command's exit. */
  readonly pipeHeldBy: readonly number[];
  /**
   * False: a process still held stdout or stderr, so that more may have been written to it. Undefined in records of earlier
   * versions.
   */
  readonly complete?: boolean | undefined;
}

/** A job as reported to its owner. Times are in ms since 1970; unknown values are null. */
export interface JobView {
  readonly id: string;
  /** `corrupt`: its record cannot be read; `note` has the reason. */
  readonly state: 'starting' | 'running' | 'ended' | 'lost' | 'corrupt';
  readonly command: AskedCommand | null;
  readonly lifetime: Lifetime | null;
  readonly createdMs: number | null;
  readonly endedMs: number | null;
  readonly pid: number | null;
  readonly outcome: JobOutcome | null;
  /** Why it is lost, and other remarks. */
  readonly note: string | null;
}

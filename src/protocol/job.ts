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
  readonly signal: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly bytes: { readonly stdin: number; readonly stdout: number; readonly stderr: number };
  readonly durationMs: number;
  readonly survivors: readonly number[];
  readonly pipeHeldBy: readonly number[];
  /** Undefined in records of earlier versions. */
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

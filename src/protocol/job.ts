import type { WireWord } from './word.ts';

/** How long a run goes on without its client; docs/jobs.md. */
export type Lifetime = 'with-client' | 'detached' | { readonly lingerMs: number };

/** What is to be run: a program with exactly these arguments, a line of the user's shell, that shell itself, or what the host has for a name. */
export type AskedCommand =
  | { readonly argv: readonly WireWord[] }
  | { readonly line: WireWord }
  | { readonly subsystem: string }
  | { readonly shell: 'login' };

/** What became of a job: an outcome of a run without the receipts of a transcoding, since it is kept as it was. */
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
  /** Undefined in records of a version that did not know it. */
  readonly complete?: boolean | undefined;
}

/** A job as it is shown to its owner. Times are in ms since 1970; what is not known is null. */
export interface JobView {
  readonly id: string;
  /** `corrupt`: its record can't be read; `note` says why. */
  readonly state: 'starting' | 'running' | 'ended' | 'lost' | 'corrupt';
  readonly command: AskedCommand | null;
  readonly lifetime: Lifetime | null;
  readonly createdMs: number | null;
  readonly endedMs: number | null;
  readonly pid: number | null;
  readonly outcome: JobOutcome | null;
  /** Why it is lost, and what else there is to say. */
  readonly note: string | null;
}

import type { AskedCommand, JobOutcome } from './job.ts';

/** What a client of a terminal session may do: `drive` types and sets the size, `view` looks. */
export type SessionMode = 'drive' | 'view';

/** One client of a session. */
export interface SessionClientView {
  /** The comment of its key, or the user of the host. */
  readonly who: string;
  readonly mode: SessionMode;
  readonly columns: number;
  readonly rows: number;
  readonly sinceMs: number;
}

/** A terminal session as it is told of. Times are in ms since 1970, by the host's clock. */
export interface SessionView {
  readonly id: string;
  readonly name: string;
  readonly state: 'starting' | 'running' | 'ended';
  readonly command: AskedCommand;
  /** Who started it. */
  readonly who: string;
  readonly createdMs: number;
  readonly endedMs: number | null;
  readonly pid: number | null;
  readonly columns: number;
  readonly rows: number;
  /** What its program calls itself (OSC 2). */
  readonly title: string;
  /** Since its program has written or has been typed to. */
  readonly idleMs: number;
  /** The file on the host that it is recorded in; null: it is not, or no more. */
  readonly recording: string | null;
  readonly clients: readonly SessionClientView[];
  readonly outcome: JobOutcome | null;
}

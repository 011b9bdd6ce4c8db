import type { ErrorCode } from './errors.ts';

/** What can become of a run. Exactly one of these is told for each; none but `lost` leaves open whether it ran. */
export type OutcomeName =
  | 'exited'
  | 'signaled'
  | 'timed-out'
  | 'canceled'
  | 'not-started'
  | 'denied'
  | 'unreachable'
  | 'lost';

/** How the characters of one stream were made: the receipt of the transcoding. */
export interface EncodingReceipt {
  /** iconv-lite's name, `utf8`, or `binary` where nothing was changed. */
  readonly name: string;
  /** `host`: the daemon's own; `option`: the request named it; `detected`: by evidence in the stream. */
  readonly source: 'host' | 'option' | 'detected';
  /** Characters or bytes that could not be mapped and stand as U+FFFD. */
  readonly replaced: number;
  /** Parts of text on a host of UTF-8 that are none, and were passed as they are; absent: nothing was. */
  readonly passed?: number;
}

/** The receipts of a run's streams; that of stdin counts what could not be written in the command's encoding. */
export interface Receipts {
  readonly stdin: EncodingReceipt;
  readonly stdout: EncodingReceipt;
  readonly stderr: EncodingReceipt;
}

/** What the daemon says became of a run that was started; docs/protocol.md, 6. */
export interface Outcome {
  readonly name: 'exited' | 'signaled' | 'timed-out' | 'canceled';
  readonly exitCode: number | null;
  /** A name such as `SIGTERM`. */
  readonly signal: string | null;
  /** The catalogue's code for `timed-out` and `canceled`, and its sentence. */
  readonly code: ErrorCode | null;
  readonly reason: string | null;
  readonly encoding: Receipts;
  /** What the command itself wrote, before transcoding, and what was written to its stdin. */
  readonly bytes: { readonly stdin: number; readonly stdout: number; readonly stderr: number };
  readonly durationMs: number;
  /** Processes of the tree that could not be ended. */
  readonly survivors: readonly number[];
  /** Processes that held stdout or stderr open after the command's exit. */
  readonly pipeHeldBy: readonly number[];
  /** False: somebody still held stdout or stderr, so that more may have been written to it. */
  readonly complete: boolean;
  /** Of `bytes.stdin`, what nobody had read when the command exited; absent: not known. */
  readonly unreadInputBytes?: number;
}

const DENIALS: readonly ErrorCode[] = [
  'DENIED',
  'ENVIRONMENT_REFUSED',
  'LOGIN_EXPIRED',
  'LOGIN_NO_KEY',
  'LOGIN_REFUSED',
  'NOT_PERMITTED',
  'PEER_REFUSED',
  'USER_REFUSED',
];

/** Errors that say that an id was used, that a job goes on, or that something failed nobody knows how late. */
const LOSSES: readonly ErrorCode[] = [
  'ATTACHED_INPUT_REFUSED',
  'INTERNAL',
  'JOB_LOST',
  'JOB_RECORD_CORRUPT',
  'SUPERVISOR_LOST',
];

/** The outcome of a request that was answered with this error. But for `lost`, nothing of it was run. */
export function outcomeOfRefusal(code: string): 'denied' | 'not-started' | 'canceled' | 'lost' {
  if (code === ('CANCELED' satisfies ErrorCode)) return 'canceled';
  if ((LOSSES as readonly string[]).includes(code)) return 'lost';
  return (DENIALS as readonly string[]).includes(code) ? 'denied' : 'not-started';
}

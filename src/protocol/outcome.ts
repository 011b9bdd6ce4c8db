import type { ErrorCode } from './errors.ts';
import type { JobOutcome } from './job.ts';

/** The outcomes of a run, exactly one for each. Only `lost` leaves open whether the command ran. */
export type OutcomeName =
  | 'exited'
  | 'signaled'
  | 'timed-out'
  | 'canceled'
  | 'not-started'
  | 'denied'
  | 'unreachable'
  | 'lost';

/** How one stream was transcoded. */
export interface EncodingReceipt {
  /** iconv-lite's name, `utf8`, or `binary` for unchanged bytes. */
  readonly name: string;
  /** `host`: the daemon's own encoding; `option`: named by the request; `detected`: from the stream's content. */
  readonly source: 'host' | 'option' | 'detected';
  /** Characters or bytes that could not be mapped and were replaced, on output by U+FFFD. */
  readonly replaced: number;
  /** Invalid parts of UTF-8 that were passed through unchanged; absent if there were none. */
  readonly passed?: number;
}

/** The receipts of a run's streams; that of stdin counts characters that the command's encoding does not have. */
export interface Receipts {
  readonly stdin: EncodingReceipt;
  readonly stdout: EncodingReceipt;
  readonly stderr: EncodingReceipt;
}

/** The receipts of what a command has written. */
export type OutputReceipts = Pick<Receipts, 'stdout' | 'stderr'>;

/** The outcome of a started run, as reported by the daemon; docs/protocol.md, 6. */
export interface Outcome extends JobOutcome {
  readonly code: ErrorCode | null;
  readonly encoding: Receipts;
  readonly complete: boolean;
  /** The part of `bytes.stdin` that was unread when the command exited; absent if unknown. */
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
  'SESSION_UNSHARED',
  'USER_REFUSED',
];

/** Errors after which the command may have run: the id was used, the job continues, or the time of failure is unknown. */
const LOSSES: readonly ErrorCode[] = [
  'ATTACHED_INPUT_REFUSED',
  'INTERNAL',
  'JOB_ID_UNCHECKED',
  'JOB_LOST',
  'JOB_RECORD_CORRUPT',
  'RELAY_TOO_SLOW',
  'SESSION_LOST',
  'TERMINAL_LOST',
  'SUPERVISOR_LOST',
];

/** Returns the outcome for a request that was answered with this error. Unless it is `lost`, nothing was run. */
export function outcomeOfRefusal(code: string): 'denied' | 'not-started' | 'canceled' | 'lost' {
  if (code === ('CANCELED' satisfies ErrorCode)) return 'canceled';
  if ((LOSSES as readonly string[]).includes(code)) return 'lost';
  return (DENIALS as readonly string[]).includes(code) ? 'denied' : 'not-started';
}

/** Mistakes at this end: they are found before a connection is tried. */
const LOCAL_MISTAKES: readonly ErrorCode[] = [
  'ADDRESS_INVALID',
  'ADDRESS_UNSUPPORTED',
  'AUTH_FILE_LOCKED',
  'AUTH_FILE_TOO_LARGE',
  'AUTH_FILE_TOO_MANY_LINES',
  'AUTH_FILE_UNREADABLE',
  'AUTH_FILE_UNSAFE',
  'AUTH_FILE_UNWRITABLE',
  'AUTH_HOST_NAME_INVALID',
  'AUTH_PIN_INVALID',
  'CONFIG_INVALID',
  'CONFIG_MISSING',
  'CWD_UNUSABLE',
  // Of ExitOnForwardFailure: it is found before the request
  'FORWARD_REFUSED',
  'HOME_UNKNOWN',
  'KEY_MALFORMED',
  'READY_NOT_LOOPBACK',
  'SOCKET_PATH_TOO_LONG',
  'SSH_CONFIG_INVALID',
  'USAGE',
];

/** Returns the outcome of a run whose host could not be opened: no byte of its request was sent. */
export function outcomeOfFailedOpen(code: string): 'denied' | 'not-started' | 'unreachable' {
  if (outcomeOfRefusal(code) === 'denied') return 'denied';
  return (LOCAL_MISTAKES as readonly string[]).includes(code) ? 'not-started' : 'unreachable';
}

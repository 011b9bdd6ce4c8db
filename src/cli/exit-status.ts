import { constants } from 'node:os';
import { isWhole } from '../client/run-result.ts';
import type { RunResult } from '../client/run-types.ts';

/** rexa itself failed: unreachable, denied, lost, a bad cwd, bad usage. */
export const EXIT_REXA_FAILED = 125;
/** The same in the drop-in, where ssh has 255. */
export const EXIT_DROP_IN_FAILED = 255;
/** Our own stdout was closed: 128 + SIGPIPE. */
export const EXIT_STDOUT_CLOSED = 141;

const EXIT_TIMED_OUT = 124;
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;
const EXIT_SIGNAL_BASE = 128;
const EXIT_HIGHEST = 255;

/** Why rexa canceled a run. */
export type CancelCause = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGUSR1' | 'stdout-closed' | 'stdout-failed';

/**
 * The table of exit statuses, as in docs/exit-codes.md: outcomes, and the reasons and causes that change the status of
 * an outcome.
 */
export const EXIT_STATUSES: Readonly<
  Record<string, { readonly status: number | string; readonly meaning: string }>
> = {
  exited: { status: 'its own', meaning: "the command's exit status; 255 if it is above 255, never 0" },
  signaled: { status: '128+n', meaning: 'the command was killed by signal n' },
  'timed-out': {
    status: EXIT_TIMED_OUT,
    meaning: 'the command ran longer than `--timeout` and was ended',
  },
  canceled: { status: EXIT_REXA_FAILED, meaning: 'the daemon canceled the run because it is shutting down' },
  'canceled by SIGINT': {
    status: 130,
    meaning: 'the second Ctrl-C, or the first before the request was sent',
  },
  'canceled by SIGTERM': { status: 143, meaning: 'rexa received SIGTERM' },
  'canceled by SIGHUP': { status: 129, meaning: 'rexa received SIGHUP' },
  'canceled by SIGUSR1': { status: 138, meaning: 'rexa received SIGUSR1, which rsync sends' },
  'canceled by stdout-closed': {
    status: EXIT_STDOUT_CLOSED,
    meaning: "the reader of rexa's stdout closed it",
  },
  'canceled by stdout-failed': {
    status: EXIT_REXA_FAILED,
    meaning: "writing rexa's stdout failed, for example on a full disk",
  },
  'stderr closed': {
    status: EXIT_STDOUT_CLOSED,
    meaning: "instead of 0: output was lost because the reader of rexa's stderr closed it",
  },
  'stderr failed': {
    status: EXIT_REXA_FAILED,
    meaning: "instead of 0: output was lost because writing rexa's stderr failed",
  },
  'output given up': {
    status: EXIT_REXA_FAILED,
    meaning:
      'instead of 0: the run was canceled and its output was dropped because the reader was stalled; 128+n after a signal',
  },
  'not-started': {
    status: EXIT_REXA_FAILED,
    meaning: 'nothing was run, for a reason other than the next two',
  },
  'not-started FILE_NOT_FOUND': { status: EXIT_NOT_FOUND, meaning: 'the program was not found' },
  'not-started FILE_NOT_EXECUTABLE': {
    status: EXIT_NOT_EXECUTABLE,
    meaning: 'the program is not executable',
  },
  denied: {
    status: EXIT_REXA_FAILED,
    meaning: 'the daemon, or rexa itself, refused the request; nothing was run',
  },
  unreachable: { status: EXIT_REXA_FAILED, meaning: 'no daemon could be reached; nothing was run' },
  lost: {
    status: EXIT_REXA_FAILED,
    meaning: 'the connection was lost, or the third Ctrl-C; the command may or may not have run',
  },
  'incomplete output': {
    status: EXIT_REXA_FAILED,
    meaning:
      "the command ended by itself, but some of its output is missing; used instead of the command's exit status",
  },
  USAGE: { status: EXIT_REXA_FAILED, meaning: 'invalid command line; nothing was run' },
  'the drop-in': {
    status: EXIT_DROP_IN_FAILED,
    meaning: 'in `rexa ssh` and `rexa HOST`, instead of each 124 to 127 above that is not the command’s own',
  },
};

/** What an exit status is made from. */
export type Ended = Pick<RunResult<unknown>, 'outcome' | 'exitCode' | 'signal' | 'code'>;

/**
 * Why output was discarded at this end: the reader of stderr has closed it, it cannot be written, or its reader took nothing
 * while the run was to end.
 */
export type CutOutput = 'closed' | 'failed' | 'given-up';

/** What a run came to at this end. */
export interface Conducted {
  readonly result: Ended;
  /** Why we canceled it, if we did. */
  readonly cause: CancelCause | null;
  readonly cut?: CutOutput | null;
}

/** The exit status of `rexa run`: never 0 when output was thrown away. */
export function exitStatusOfRun({ result, cause, cut = null }: Conducted): number {
  const status = exitStatusOf(result, cause);
  return status === 0 && cut !== null ? statusOfCut(cut, cause) : status;
}

function statusOfCut(cut: CutOutput, cause: CancelCause | null): number {
  if (cut === 'closed') return EXIT_STDOUT_CLOSED;
  return cut === 'given-up' && cause?.startsWith('SIG') ? statusOfSignal(cause) : EXIT_REXA_FAILED;
}

/** The same of an outcome alone. @param cause why we canceled it, if we did */
export function exitStatusOf(ended: Ended, cause: CancelCause | null): number {
  if (cause === 'stdout-closed') return EXIT_STDOUT_CLOSED;
  if (cause === 'stdout-failed') return EXIT_REXA_FAILED;
  switch (ended.outcome) {
    case 'exited':
      return isWhole(ended) ? statusOfExitCode(ended.exitCode) : readStatus('incomplete output');
    case 'signaled':
      return isWhole(ended) ? statusOfSignal(ended.signal) : readStatus('incomplete output');
    case 'timed-out':
    case 'unreachable':
    case 'lost':
    case 'denied':
      return readStatus(ended.outcome);
    case 'canceled':
      return readStatus(cause === null ? 'canceled' : `canceled by ${cause}`);
    case 'not-started':
      return readStatus(`not-started ${ended.code}`, 'not-started');
    default:
      return ended.outcome satisfies never;
  }
}

/** The exit status of the drop-in: rexa's own failures are 255. */
export function exitStatusOfDropIn(conducted: Conducted): number {
  const { result, cause } = conducted;
  const own = exitStatusOf(result, cause);
  const status = exitStatusOfRun(conducted);
  return status === own && isWhole(result) && cause !== 'stdout-failed'
    ? status
    : status < EXIT_SIGNAL_BASE
      ? EXIT_DROP_IN_FAILED
      : status;
}

/** Null is a whole reply of a peer that has no exit codes. What does not fit is 255, never 0. */
function statusOfExitCode(exitCode: number | null): number {
  if (exitCode === null) return 0;
  return exitCode >= 0 && exitCode <= EXIT_HIGHEST ? exitCode : EXIT_HIGHEST;
}

/** A signal that this system does not know is 255. */
export function statusOfSignal(name: string | null): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  const number = numbers[name ?? ''] ?? Number(/^SIG(\d{1,2})$/.exec(name ?? '')?.[1] ?? Number.NaN);
  return Number.isNaN(number) ? EXIT_HIGHEST : EXIT_SIGNAL_BASE + number;
}

function readStatus(...names: readonly string[]): number {
  const row = names.map((name) => EXIT_STATUSES[name]).find((found) => found !== undefined);
  return typeof row?.status === 'number' ? row.status : EXIT_REXA_FAILED;
}

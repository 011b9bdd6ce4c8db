import type { RunResult } from '../../client/run-types.ts';
import { formatDuration } from '../../command-line/duration.ts';
import type { OutputReceipts } from '../../protocol/outcome.ts';
import type { CancelCause } from '../exit-status.ts';

/** What was asked for, as far as the words about its end need it. */
export interface AskedRun {
  readonly file: string;
  readonly args: readonly string[];
  readonly shell: boolean;
  readonly timeoutMs: number | null;
  /** Bytes of our stdin that were taken; others may have wanted them. */
  readonly takenBytes: number;
  /** Whether anything is said of bytes that were taken for nothing. */
  readonly saysOfInput: boolean;
  /** Whether an earlier attempt of ours has started it, and lost it. */
  readonly isOwn: boolean;
  /** Whether a warning about replaced characters can name an option that prevents it. */
  readonly hasEncodingOption: boolean;
}

/** What is said of a run's end: `failures` always, `warnings` unless `-q`. */
export interface OutcomeWords {
  readonly failures: readonly string[];
  readonly warnings: readonly string[];
}

/** A result in words: nothing for a command that simply exited. */
export function describeOutcome(
  result: RunResult<unknown>,
  asked: AskedRun,
  cause: CancelCause | null,
): OutcomeWords {
  const failure = describeFailure(result, asked, cause);
  const signal = result.outcome === 'signaled' && !isExpectedSignal(result.signal);
  return {
    failures: describeFailures(failure, result.survivors),
    warnings: [
      ...(signal ? [`the command was ended by ${result.signal}`] : []),
      ...describeRepeated(result, asked),
      ...(result.missing.reason !== null && result.missing.reason !== result.reason
        ? [result.missing.reason]
        : []),
      ...describeReplaced(result.encoding, asked),
      ...describeLackingInput(result),
      ...describeWastedInput(result, asked),
      ...describeHolders(result),
    ],
  };
}

/** Those that a user causes with Ctrl-C, or a reader that has enough. */
function isExpectedSignal(name: string | null): boolean {
  return name === 'SIGINT' || name === 'SIGPIPE';
}

function describeFailure(
  result: RunResult<unknown>,
  asked: AskedRun,
  cause: CancelCause | null,
): string | null {
  const reason = result.reason ?? 'no reason was given';
  switch (result.outcome) {
    case 'exited':
    case 'signaled':
      return result.code === null ? null : `incomplete output: ${reason}${describeEnd(result)}`;
    case 'timed-out':
      return asked.timeoutMs === null
        ? `timed out: ${reason}`
        : `timed out after ${formatDuration(asked.timeoutMs)}; the command was ended${describeEnd(result)}`;
    case 'canceled':
      return describeCancel(result, cause);
    case 'not-started':
      if (result.code === 'JOB_UNKNOWN') return reason;
      return result.code === 'FILE_NOT_FOUND' ? describeNotFound(reason, asked) : `not started: ${reason}`;
    case 'denied':
    case 'unreachable':
      return `${result.outcome}: ${reason}`;
    case 'lost':
      // Its own sentence says so already
      return result.code === 'ABANDONED' || result.code === 'ATTACHED_INPUT_REFUSED'
        ? `lost: ${reason}`
        : `lost: ${reason}; the command may or may not have run`;
    default:
      return result.outcome satisfies never;
  }
}

function describeCancel(result: RunResult<unknown>, cause: CancelCause | null): string | null {
  switch (cause) {
    case 'stdout-closed':
      return null;
    case null:
      // By another client of it, or by its lifetime
      if (result.code === 'STDIN_UNMAPPABLE') return `canceled: ${result.reason}`;
      if (result.jobId !== null) return `canceled: ${result.reason ?? 'no reason was given'}`;
      return `canceled by the daemon: ${result.reason ?? 'no reason was given'}`;
    case 'stdout-failed':
      return `canceled${describeEnd(result)}`;
    default:
      return `canceled by ${cause}${describeEnd(result)}`;
  }
}

/** How the command itself ended. */
function describeEnd({ exitCode, signal }: RunResult<unknown>): string {
  if (signal !== null) return ` (by ${signal})`;
  return exitCode === null ? '' : ` (it exited with code ${exitCode})`;
}

const SHELL_LINE_HINT = 'for a shell line use -c';

/** A name with a space or a sign of the shell was probably meant for the shell. */
function describeNotFound(reason: string, { file, args, shell }: AskedRun): string {
  if (shell) return `the shell of the host was not found: ${reason}`;
  const looksLikeLine = args.length === 0 && /[\s|&;<>()$`*?]/.test(file);
  // Before the reason: it ends with a PATH, which may be long. Older daemons have said it themselves
  return looksLikeLine && !reason.includes(SHELL_LINE_HINT) ? `${SHELL_LINE_HINT}; ${reason}` : reason;
}

/** A command that ended by itself may leave survivors too: when an interrupt ended it, the rest of its tree is ended. */
function describeFailures(failure: string | null, survivors: readonly number[]): readonly string[] {
  const running = survivors.length === 0 ? [] : [`still running: ${listPids(survivors)}`];
  return failure === null ? running : [[failure, ...running].join('; ')];
}

function describeHolders({ outcome, pipeHeldBy, complete }: RunResult<unknown>): readonly string[] {
  if (complete || outcome === 'lost') return [];
  const holders = pipeHeldBy.length === 0 ? 'a process that cannot be inspected' : listPids(pipeHeldBy);
  return [`stdout or stderr is still held open by ${holders}; further output is discarded`];
}

/** What is said on a terminal while the output of a command that has exited is waited for. */
export function describeHeld(holders: readonly number[]): string {
  const who = holders.length === 0 ? 'a process that cannot be inspected' : listPids(holders);
  return `the command has exited; waiting for ${who}, which still holds its output open (Ctrl-C stops waiting)`;
}

/** What is said on a terminal while a command may not start yet. */
export function describeWaiting(running: number): string {
  const others = running === 1 ? '1 other command' : `${running} other commands`;
  return `waiting to start: ${others} of this user or key are running, the limit (Ctrl-C stops waiting)`;
}

function describeRepeated(
  { repeated, id, jobId }: RunResult<unknown>,
  { isOwn }: AskedRun,
): readonly string[] {
  if (!repeated) return [];
  if (isOwn) return [`the host still knows the run ${jobId ?? id}: this is its result, and it ran once`];
  return [`the id ${jobId ?? id} was used before: this is the result of that run; nothing was run now`];
}

/** Returns what is to be said of output that could not be mapped. */
export function describeReplaced(
  encoding: OutputReceipts,
  asked: Pick<AskedRun, 'hasEncodingOption'>,
): readonly string[] {
  const replaced = encoding.stdout.replaced + encoding.stderr.replaced;
  if (replaced === 0) return describePassed(encoding, asked);
  const { name } = encoding.stdout.replaced > 0 ? encoding.stdout : encoding.stderr;
  const hint = asked.hasEncodingOption ? '; --encoding binary passes bytes unchanged' : '';
  const what =
    replaced === 1
      ? `1 character is not valid ${name} and was`
      : `${replaced} characters are not valid ${name} and were`;
  return [`${what} replaced with U+FFFD${hint}`];
}

/** Output went on as it came: only who reads it can tell what it is. */
function describePassed(
  { stdout, stderr }: OutputReceipts,
  asked: Pick<AskedRun, 'hasEncodingOption'>,
): readonly string[] {
  const passed = (stdout.passed ?? 0) + (stderr.passed ?? 0);
  if (passed === 0) return [];
  const what = passed === 1 ? '1 part of the output is' : `${passed} parts of the output are`;
  const hint = asked.hasEncodingOption
    ? '; --encoding NAME decodes another charset, binary disables this warning'
    : '';
  return [`${what} not valid UTF-8 and passed unchanged${hint}`];
}

function describeLackingInput({ encoding: { stdin } }: RunResult<unknown>): readonly string[] {
  if (stdin.replaced === 0) return [];
  const { replaced, name } = stdin;
  const what = replaced === 1 ? '1 character' : `${replaced} characters`;
  return [`${what} of stdin cannot be encoded in ${name} and ${replaced === 1 ? 'was' : 'were'} replaced`];
}

/** A loop that reads its list from stdin ends after one turn when a command takes the rest. */
function describeWastedInput(
  { bytes, unreadInputBytes, outcome }: RunResult<unknown>,
  { takenBytes, saysOfInput }: AskedRun,
): readonly string[] {
  if (!saysOfInput || outcome !== 'exited' || takenBytes === 0) return [];
  if (unreadInputBytes === null || unreadInputBytes < bytes.stdin) return [];
  const what = takenBytes === 1 ? '1 byte' : `${takenBytes} bytes`;
  return [`the command read no stdin, of which rexa took ${what}; in a loop that reads stdin, use -n`];
}

function listPids(pids: readonly number[]): string {
  return `pid ${pids.join(', ')}`;
}

import type { RunResult } from '../../../client/run-types.ts';
import { listNonAsciiRuns } from '../../../protocol/shell-reading.ts';
import { type CancelCause, EXIT_REXA_FAILED, exitStatusOf } from '../../exit-status.ts';
import { describeOutcome } from '../../run/describe-outcome.ts';
import type { LineEnd } from '../backend.ts';
import type { LineReport } from './line-report.ts';

const EXIT_INTERRUPTED = 130;
/** So many parts of a line are named. */
const MOST_RUNS = 3;

/** How a line ended, but for what was typed ahead and where the shell is now. */
export type LineVerdict = Pick<LineEnd, 'kind' | 'label' | 'exitStatus' | 'notes'>;

/**
 * A line that ended by itself: the result of its run adds nothing and is not awaited.
 * @param isInterrupted whether we have sent it SIGINT: not every shell then ends by the signal itself
 */
export function decideReport({ status, exitsOnError, how }: LineReport, isInterrupted: boolean): LineVerdict {
  const isByInterrupt = isInterrupted && status === EXIT_INTERRUPTED;
  const isByError = how === 'early' && exitsOnError && !isByInterrupt;
  return {
    kind: 'ended',
    label: isByInterrupt ? 'SIGINT' : labelOfStatus(status),
    exitStatus: status,
    notes: isByError ? ['the line was ended by set -e; the shell continues'] : [],
  };
}

/**
 * A line whose run is over. Without a report the shell around the line is gone: by `exec`, which leaves, or ended by a
 * signal, which takes only this line's changes with it.
 * @param asked what we have asked for meanwhile
 * @param line its text
 */
export function decideEnd(
  result: RunResult,
  report: LineReport | null,
  shellPath: string,
  asked: { readonly isCanceled: boolean; readonly isInterrupted: boolean },
  line = '',
): LineVerdict {
  const cause: CancelCause | null = asked.isCanceled ? 'SIGINT' : null;
  const notes = describeEnd(result, report, shellPath, cause);
  const exitStatus = exitStatusOf(result, cause);
  const untold = report === null ? null : decideUnrun(report, line);
  if (untold !== null) return untold;
  if (report?.how === 'left') return { kind: 'leave', label: null, exitStatus: report.status, notes: [] };
  if (result.outcome === 'not-started') {
    return { kind: 'refused', label: labelOfResult(result), exitStatus, notes: [describeUnstarted(result)] };
  }
  if (result.outcome !== 'exited') return { kind: 'ended', label: labelOfResult(result), exitStatus, notes };
  if (report === null) return { kind: 'leave', label: null, exitStatus, notes };
  const verdict = decideReport(report, asked.isInterrupted);
  return { ...verdict, notes: [...verdict.notes, ...notes] };
}

/** Null for a line that was run. */
function decideUnrun({ how, status }: LineReport, line: string): LineVerdict | null {
  const label = labelOfStatus(status);
  switch (how) {
    case 'incomplete':
      return { kind: 'incomplete', label, exitStatus: status, notes: [] };
    case 'misread':
      return { kind: 'refused', label, exitStatus: EXIT_REXA_FAILED, notes: [describeMisread(line)] };
    case 'displaced':
      return { kind: 'refused', label, exitStatus: status, notes: [DISPLACED] };
    case 'forgotten':
      return { kind: 'refused', label, exitStatus: status, notes: [FORGOTTEN] };
    default:
      return null;
  }
}

const DISPLACED = 'not run: the working directory no longer exists; the shell is now in the home folder';
const FORGOTTEN =
  'not run: the state of the shell on the host (working directory, variables ...) no longer exists; the shell starts afresh';

/** The shell does not say in which of them. */
function describeMisread(line: string): string {
  const runs = listNonAsciiRuns(line).slice(0, MOST_RUNS).join(', ');
  return `not run: in its locale, the host's shell would read the bytes of ${runs} as syntax`;
}

/** The line is sent in the environment; messages do not mention that. */
function describeUnstarted({ reason }: RunResult): string {
  const said = reason ?? 'no reason was given';
  return `not run: ${said.replace(/^the environment variable _rexa_(?:part|quoted|plain)\d+/, 'the line')}`;
}

function describeEnd(
  result: RunResult,
  report: LineReport | null,
  shellPath: string,
  cause: CancelCause | null,
): string[] {
  const jobs = report?.jobs ?? [];
  const pipeHeldBy = result.pipeHeldBy.filter((pid) => !jobs.includes(pid));
  // A shell's jobs are meant to go on
  const isOnlyJobs = result.pipeHeldBy.length > 0 && pipeHeldBy.length === 0;
  const told = { ...result, pipeHeldBy, complete: result.complete || isOnlyJobs };
  const asked = {
    file: shellPath,
    args: [],
    shell: true,
    timeoutMs: null,
    takenBytes: 0,
    saysOfInput: false,
    isOwn: false,
    hasEncodingOption: true,
  };
  const { failures, warnings } = describeOutcome(told, asked, cause);
  const isShellGone = result.outcome === 'signaled' && report === null && result.signal !== 'SIGINT';
  if (isShellGone) return [`the line was ended by ${result.signal}; the state of the shell is as before`];
  return [...failures, ...warnings];
}

function labelOfStatus(status: number): string | null {
  return status === 0 ? null : String(status);
}

function labelOfResult(result: RunResult): string {
  switch (result.outcome) {
    case 'exited':
      return String(result.exitCode);
    case 'signaled':
      return result.signal ?? 'signaled';
    case 'timed-out':
      return 'timed out';
    case 'not-started':
      return 'not started';
    case 'canceled':
    case 'denied':
    case 'unreachable':
    case 'lost':
      return result.outcome;
    default:
      return result.outcome satisfies never;
  }
}

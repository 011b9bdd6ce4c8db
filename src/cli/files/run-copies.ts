import { setTimeout } from 'node:timers/promises';
import type { OpenHost } from '../../client/host.ts';
import type { OptionValues } from '../../command-line/option-table.ts';
import { recoverWords } from '../../command-line/own-bytes.ts';
import { RexaError } from '../../protocol/errors.ts';
import { writePath } from '../../services/files/client-paths.ts';
import type { CopyOptions, CopyProgress, CopySource, CopyTarget } from '../../services/files/client-types.ts';
import { type CancelCause, EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED } from '../exit-status.ts';
import { SUMMARY_MS } from '../limits.ts';
import { createJoiningSink } from '../output/byte-sink.ts';
import type { Messages } from '../output/messages.ts';
import { openStandardInput, openStandardSink, standardTerminal } from '../output/standard-streams.ts';
import type { CP_COMMAND } from '../tables/cp.ts';
import { codeOf, describeSummary, writeSummaryJson } from './describe-copy.ts';
import { expandGlob } from './expand-glob.ts';
import { type Interruption, statusOfInterruption, watchInterruption } from './interruption.ts';
import type { CopyPlan, PlannedCopy } from './plan-copies.ts';
import { drawProgress } from './progress-line.ts';
import { reportEntry } from './report-entry.ts';
import { countSaved, describeResume } from './resume-line.ts';
import { createSinkStream } from './sink-stream.ts';

/** A call of `rexa cp`. */
export interface CopyRun {
  readonly plan: CopyPlan;
  readonly values: OptionValues<(typeof CP_COMMAND)['options']>;
  /** Opens a host, once. */
  open(called: string): Promise<OpenHost>;
  readonly messages: Messages;
}

/** A file was not copied. */
const EXIT_FILE_FAILED = 1;

const NONE: CopyProgress = {
  bytes: 0,
  knownBytes: 0,
  doneBytes: 0,
  reusedBytes: 0,
  completeBytes: 0,
  copied: 0,
  unchanged: 0,
  deleted: 0,
  failed: 0,
  current: null,
  unfinishedBytes: 0,
  hasReadError: false,
  isFinished: true,
};

/**
 * Copies one group of sources after the other, and reports.
 * @returns the exit status
 * @throws RexaError for a host that cannot be reached or refuses
 */
export async function runCopies(run: CopyRun): Promise<number> {
  const { plan, values, messages } = run;
  const startedMs = performance.now();
  const interruption = watchInterruption(openStandardSink(1), messages);
  const counts: CopyProgress[] = [];
  let status = 0;
  let broken: Error | null = null;
  try {
    for (const copy of plan.copies) {
      const [found, error] = await runCopy(run, copy, interruption);
      counts.push(found);
      if (error === null && interruption.cause() === null) continue;
      broken = error;
      status = reportBreak(run, error, interruption.cause(), counts.reduce(addCounts, NONE));
      break;
    }
  } finally {
    interruption.stop();
  }
  const all = counts.reduce(addCounts, NONE);
  if (status === 0 && all.failed > 0) status = EXIT_FILE_FAILED;
  const deletionStopped = values.delete && all.hasReadError;
  if (deletionStopped) messages.fail('--delete removed nothing more after a source could not be read');
  if (values.json) {
    const savedBytes = isStdio(plan) ? 0 : countSaved(all, keepsPartials(values));
    const end = { exitStatus: status, error: broken, savedBytes, deletionStopped };
    const printed = printSummary(writeSummaryJson(all, end));
    // After a signal, a stdout that takes nothing is not waited for
    const taken = await (interruption.signal.aborted
      ? Promise.race([printed, setTimeout(SUMMARY_MS)])
      : printed);
    if (taken === false) status = EXIT_STDOUT_CLOSED;
  }
  messages.warn(describeSummary(all, values['dry-run'], performance.now() - startedMs));
  return status;
}

/** @returns how far it came, and what ended it before it was complete */
async function runCopy(
  { plan, values, open, messages }: CopyRun,
  copy: PlannedCopy,
  interruption: Interruption,
): Promise<readonly [CopyProgress, Error | null]> {
  let toHost: OpenHost | null;
  let fromHost: OpenHost | null;
  let found: PlannedCopy;
  try {
    toHost = plan.to.kind === 'host' ? await interruption.race(open(plan.to.host)) : null;
    fromHost = copy.host === null ? null : await interruption.race(open(copy.host));
    found = values.glob && fromHost !== null ? await interruption.race(expandAll(fromHost, copy)) : copy;
  } catch (error) {
    return [{ ...NONE, isFinished: false }, error as Error];
  }
  const host = fromHost ?? toHost;
  if (host === null) throw new RexaError('USAGE', ['neither SRC nor DST names a host']);
  const report = {
    isJson: values.json,
    isDry: values['dry-run'],
    fromHost: copy.host,
    toHost: plan.to.kind === 'host' ? plan.to.host : null,
    messages,
    interruption,
    lines: createJoiningSink(interruption.stdout),
  };
  const options: CopyOptions = {
    ...readCopyOptions(values),
    intoFolder: plan.needsFolder,
    signal: interruption.signal,
    reject: false,
    handleEntry: (entry) => reportEntry(entry, report),
  };
  const several = (found.paths?.length ?? 1) > 1 ? { intoFolder: true } : {};
  const running = host.copy(chooseSource(found), chooseTarget(plan, toHost, interruption), {
    ...options,
    ...several,
  });
  const terminal = messages.isQuiet || values.json ? null : standardTerminal(2);
  const stopDrawing = terminal === null ? null : drawProgress(terminal, () => running.progress);
  try {
    return [await running, null];
  } catch (error) {
    return [running.progress, error as Error];
  } finally {
    stopDrawing?.();
  }
}

/** A pattern that nothing matches stays as it is, and is a file that is not there. */
async function expandAll(host: OpenHost, copy: PlannedCopy): Promise<PlannedCopy> {
  const paths: string[] = [];
  for (const pattern of copy.paths ?? []) {
    const found = await expandGlob(host, pattern);
    paths.push(...(found.length === 0 ? [pattern] : found));
  }
  return { ...copy, paths };
}

function readCopyOptions(values: CopyRun['values']): CopyOptions {
  return {
    recursive: values.r,
    preserve: values.p,
    follow: values.L,
    update: values.update,
    checksum: values.checksum,
    delete: values.delete,
    exclude: values.exclude,
    resume: values.resume,
    dryRun: values['dry-run'],
    durable: values.durable,
    inPlace: values.inplace,
    compress: values.compress ?? 'auto',
  };
}

function chooseSource({ host, paths }: PlannedCopy): CopySource {
  if (paths === null) return { stream: openStandardInput(), name: 'stdin' };
  return host === null ? { local: paths.map(writePath) } : { remote: paths.map(writePath) };
}

function chooseTarget({ to }: CopyPlan, host: OpenHost | null, { stdout }: Interruption): CopyTarget {
  if (to.kind === 'stdio') return { stream: createSinkStream(stdout) };
  const path = writePath(to.path);
  return host === null ? { local: path } : { remote: path, host };
}

/** Says why a transfer ended before it was complete, and how it can be resumed. @returns the exit status */
function reportBreak(
  { plan, values, messages }: CopyRun,
  error: Error | null,
  cause: CancelCause | null,
  counts: CopyProgress,
): number {
  if (cause === 'stdout-closed' || cause === 'stdout-failed') return statusOfInterruption(cause);
  const isReported = error === null || (error instanceof RexaError && error.code !== 'USAGE');
  if (cause === null && !isReported) throw error;
  messages.fail(cause === null ? `${error?.message}` : `interrupted by ${cause}`, true);
  // A destination that cannot be used is a file that failed
  if (cause === null && codeOf(error) === 'FILES_TARGET') return EXIT_FILE_FAILED;
  const words = recoverWords(process.argv.slice(2));
  const hint = isStdio(plan) ? null : describeResume(words, counts, keepsPartials(values));
  if (hint !== null) messages.fail(hint, true);
  return cause === null ? EXIT_REXA_FAILED : statusOfInterruption(cause);
}

/** Nothing of stdin, or in stdout, can be continued. */
function isStdio({ to, copies }: CopyPlan): boolean {
  return to.kind === 'stdio' || copies.some(({ paths }) => paths === null);
}

/** A file that is written in its place is not continued. */
function keepsPartials({ resume, inplace }: CopyRun['values']): boolean {
  return resume && !inplace;
}

/** @returns whether stdout took it */
async function printSummary(text: string): Promise<boolean> {
  return openStandardSink(1)
    .write(Buffer.from(text))
    .then(
      () => true,
      () => false,
    );
}

function addCounts(one: CopyProgress, other: CopyProgress): CopyProgress {
  return {
    bytes: one.bytes + other.bytes,
    knownBytes: one.knownBytes + other.knownBytes,
    doneBytes: one.doneBytes + other.doneBytes,
    reusedBytes: one.reusedBytes + other.reusedBytes,
    completeBytes: one.completeBytes + other.completeBytes,
    copied: one.copied + other.copied,
    unchanged: one.unchanged + other.unchanged,
    deleted: one.deleted + other.deleted,
    failed: one.failed + other.failed,
    current: other.current,
    unfinishedBytes: one.unfinishedBytes + other.unfinishedBytes,
    hasReadError: one.hasReadError || other.hasReadError,
    isFinished: one.isFinished && other.isFinished,
  };
}

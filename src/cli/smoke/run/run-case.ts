import { setTimeout as sleep } from 'node:timers/promises';
import { checkResult } from '../assertions/check-result.ts';
import type { CheckFiles, Problem } from '../assertions/checked-output.ts';
import type { PlannedCase } from '../plan/plan.ts';
import type { Step } from '../suite.ts';
import { createTerminalSession } from '../terminal/terminal-session.ts';
import type { CaseStatus } from './case-result.ts';
import { type CaseState, isOver, moveCase } from './case-state.ts';
import type { CommandResult } from './failed-open.ts';
import type { HostConnection } from './host-connection.ts';
import type { CaseEnd } from './make-result.ts';
import { runCommand } from './run-command.ts';

/** What runs tests share. */
export interface CaseContext {
  readonly connection: HostConnection;
  readonly files: CheckFiles;
  /** Tries beside those of the file: `--retry-failed`. */
  readonly extraTries: number;
  /** Ends what runs. */
  readonly cancel: AbortSignal;
  /** Ends what tears down. */
  readonly giveUp: AbortSignal;
}

/** How often a run that was lost is asked for again under its id, and the pause before the first time; it doubles. */
const MAX_ASKS = 8;
const FIRST_PAUSE_MS = 250;

/** What a command has come to, and what is wrong with that. */
export interface CheckedRun {
  readonly result: CommandResult;
  readonly problems: readonly Problem[];
  /** It was canceled by us, since a step on its terminal failed. */
  readonly isHungUp?: boolean;
}

/** Tries a test until it passes, or may not be tried again. */
export async function runCase(planned: PlannedCase, context: CaseContext): Promise<CaseEnd> {
  const { test } = planned;
  const most = test.tries + context.extraTries;
  const startedAt = new Date().toISOString();
  let state: CaseState = 'waiting';
  let tries = 0;
  let last: CheckedRun | null = null;
  let before: readonly Problem[] = [];
  while (!isOver(state)) {
    if (state === 'pausing' && !(await pause(test.intervalMs, context.cancel))) {
      state = moveCase(state, 'stop', tries);
      break;
    }
    state = moveCase(state, 'begin', tries);
    tries++;
    before = last?.problems ?? before;
    last = await runTry(planned, tries, context);
    const mayRetry = tries < most && !context.cancel.aborted && mayTryAgain(last);
    state = moveCase(state, last.problems.length === 0 ? 'pass' : mayRetry ? 'fail-for-now' : 'fail', tries);
    // Nothing was run, and the host is looked for again
    if (state === 'pausing' && last.result.outcome === 'unreachable') context.connection.forget();
  }
  const problems = state === 'flaky' ? before : (last?.problems ?? []);
  return { status: state as CaseStatus, tries, problems, startedAt, result: last?.result ?? null };
}

/** What may have run already, is refused, or cannot be opened by a mistake at this end, is not tried again. */
function mayTryAgain({ result: { outcome, isUnopened }, isHungUp = false }: CheckedRun): boolean {
  if (isUnopened && outcome !== 'unreachable') return false;
  return outcome !== 'lost' && outcome !== 'denied' && (outcome !== 'canceled' || isHungUp);
}

async function runTry(planned: PlannedCase, number: number, context: CaseContext): Promise<CheckedRun> {
  const { test, target } = planned;
  const prepared = await runSteps(test.setup, target.called, context, context.cancel);
  const run =
    prepared === null
      ? await runChecked(test, target.called, runId(planned, number), context, context.cancel)
      : { ...prepared, problems: prepared.problems.map((each) => behind('setup', each)) };
  const undone = await runSteps(test.teardown, target.called, context, context.giveUp);
  const problems = (undone?.problems ?? []).map((each) => behind('teardown', each));
  return { ...run, problems: [...run.problems, ...problems] };
}

/** Each try and each repetition is a run of its own; one that was lost is asked for under the id that it had. */
function runId({ test, repetition }: PlannedCase, number: number): string | null {
  const { id } = test.run;
  if (id === null) return null;
  return `${id}${repetition === 0 ? '' : `.r${repetition + 1}`}${number === 1 ? '' : `.${number}`}`;
}

function behind(word: string, { property, ...rest }: Problem): Problem {
  return { property: `${word}.${property}`, ...rest };
}

/** Runs commands until one fails. @returns that one; null: all are as they have to be */
export async function runSteps(
  steps: readonly Step[],
  called: string,
  context: CaseContext,
  signal: AbortSignal,
): Promise<(CheckedRun & { readonly step: Step }) | null> {
  for (const step of steps) {
    const checked = await runStep(step, called, context, signal);
    if (checked.problems.length > 0) return { ...checked, step };
  }
  return null;
}

/** Tries a command until it does what it should: `setup` waits so for what is being started. */
async function runStep(
  step: Step,
  called: string,
  context: CaseContext,
  signal: AbortSignal,
): Promise<CheckedRun> {
  for (let tries = 1; ; tries++) {
    const checked = await runChecked(step, called, null, context, signal);
    const isLast = tries >= step.tries || !mayTryAgain(checked);
    if (checked.problems.length === 0 || isLast || !(await pause(step.intervalMs, signal))) return checked;
    if (checked.result.outcome === 'unreachable') context.connection.forget();
  }
}

async function runChecked(
  step: Step,
  called: string,
  id: string | null,
  { connection, files }: CaseContext,
  signal: AbortSignal,
): Promise<CheckedRun> {
  const { terminal } = step.run;
  if (terminal !== null) {
    const session = createTerminalSession(step, terminal, files);
    const result = await runCommand(connection, called, step, null, signal, session);
    if (result.outcome === 'lost') connection.forget();
    return { result, problems: await session.check(result), isHungUp: session.isHungUp };
  }
  const result = await askUntilKnown(step, called, id, connection, signal);
  return { result, problems: await checkResult(result, step.expect, files) };
}

/** Runs a command; one with an id that was lost is asked for again, since it is not run twice. */
async function askUntilKnown(
  step: Step,
  called: string,
  id: string | null,
  connection: HostConnection,
  signal: AbortSignal,
): Promise<CommandResult> {
  let wasLost: CommandResult | null = null;
  for (let asks = 1; ; asks++) {
    const result = await runCommand(connection, called, step, id, signal);
    if (result.outcome === 'lost') connection.forget();
    const isKnown = result.outcome !== 'lost' && !(wasLost !== null && result.isUnopened);
    if (isKnown || id === null) return result;
    // Once it was lost it stays so, until the host says what became of it
    wasLost ??= result;
    if (asks >= MAX_ASKS || !(await pause(FIRST_PAUSE_MS * 2 ** (asks - 1), signal))) return wasLost;
    connection.forget();
  }
}

/** @returns false: the signal came first */
async function pause(durationMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(durationMs, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

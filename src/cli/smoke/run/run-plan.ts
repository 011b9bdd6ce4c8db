import type { OpenHost } from '../../../client/host.ts';
import type { CheckFiles } from '../assertions/checked-output.ts';
import { MAX_OPEN_HOSTS } from '../limits.ts';
import type { Batch, Lane, Plan, PlannedCase, Target } from '../plan/plan.ts';
import type { Step, Suite, Test } from '../suite.ts';
import { type CaseResult, type CaseStatus, isHostFailure } from './case-result.ts';
import { createConnection, type HostConnection } from './host-connection.ts';
import { type CaseEnd, makeCaseResult } from './make-result.ts';
import { runBatch, type Turn } from './run-batch.ts';
import { type CaseContext, type CheckedRun, runCase, runSteps } from './run-case.ts';

/** How a plan is run. */
export interface RunContext {
  /** Connects to a host once. @throws RexaError */
  open(target: Target): Promise<OpenHost>;
  filesOf(suite: Suite): CheckFiles;
  mask(text: string): string;
  /** Called when something of a host begins; what it returns is called at its end. */
  begin(host: string, title: string): () => void;
  /** Called once for each case, in the order that they end in. */
  handleResult(result: CaseResult): void;
  readonly extraTries: number;
  /** How many tests run at once on a host; null: as the files say. */
  readonly parallel: number | null;
  readonly failFast: boolean;
  /** Ends what runs, and begins no more; what tears down still runs. */
  readonly cancel: AbortSignal;
  /** Ends that too. */
  readonly giveUp: AbortSignal;
}

/** Runs all of a plan: hosts beside each other, on each one file after the other. Never throws for what a host does. */
export async function runPlan(plan: Plan, around: RunContext): Promise<void> {
  const shared = { hasFailed: false };
  const waiting = [...plan.lanes];
  const work = async (): Promise<void> => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift())
      await runLane(lane, around, shared);
  };
  await Promise.all(Array.from({ length: Math.min(MAX_OPEN_HOSTS, waiting.length) }, work));
}

/** What the hosts know of each other. */
interface Shared {
  hasFailed: boolean;
}

async function runLane(lane: Lane, around: RunContext, shared: Shared): Promise<void> {
  const connection = createConnection(() => around.open(lane.target));
  try {
    for (const batch of lane.batches) await runFile(lane.target, batch, connection, around, shared);
  } finally {
    await connection.close();
  }
}

async function runFile(
  target: Target,
  { suite, cases }: Batch,
  connection: HostConnection,
  around: RunContext,
  shared: Shared,
): Promise<void> {
  const context: CaseContext = { ...around, connection, files: around.filesOf(suite) };
  const tell = (planned: PlannedCase, end: CaseEnd): CaseStatus => {
    if (end.status === 'failed') shared.hasFailed = true;
    around.handleResult(makeCaseResult(planned, end, around.mask));
    return end.status;
  };
  const stop = (): string | null => {
    if (around.cancel.aborted) return 'the run was interrupted';
    return around.failFast && shared.hasFailed ? 'a test failed before it (--fail-fast)' : null;
  };
  const whileShown = async <Value>(title: string, work: () => Promise<Value>): Promise<Value> => {
    const end = around.begin(target.label, title);
    return work().finally(end);
  };
  const isNeeded = stop() === null && cases.some(({ skip }) => skip === null);
  const prepared = isNeeded
    ? await whileShown('setup', () => runSteps(suite.setup, target.called, context, around.cancel))
    : null;
  const [first] = cases;
  const last = cases.at(-1);
  if (prepared !== null && first !== undefined && !isOfHost(prepared))
    tell(stepCase(first, 'setup', prepared.step), stepEnd(prepared));
  const run = async (planned: PlannedCase, turn: Turn): Promise<CaseStatus> => {
    if (turn.kind === 'leave-out') return tell(planned, leaveOut(turn.reason));
    if (prepared === null)
      return tell(planned, await whileShown(planned.title, () => runCase(planned, context)));
    if (isOfHost(prepared)) return tell(planned, { ...stepEnd(prepared), tries: 0 });
    return tell(planned, leaveOut(`setup failed: ${prepared.step.title}`));
  };
  await runBatch(cases, around.parallel ?? suite.parallel ?? 1, run, stop);
  if (!isNeeded || last === undefined) return;
  const undone = await whileShown('teardown', () =>
    runSteps(suite.teardown, target.called, context, around.giveUp),
  );
  if (undone !== null && !(isOfHost(undone) && (prepared !== null || shared.hasFailed)))
    tell(stepCase(last, 'teardown', undone.step), stepEnd(undone));
}

/** Whether a command was not run since its host is not there: then each test says so itself. */
function isOfHost({ result }: CheckedRun): boolean {
  return isHostFailure(result) || result.outcome === 'canceled';
}

function leaveOut(reason: string): CaseEnd {
  return { status: 'skipped', skipReason: reason, tries: 0, problems: [], startedAt: null, result: null };
}

function stepEnd({ result, problems }: CheckedRun): CaseEnd {
  return { status: 'failed', tries: 1, problems, startedAt: null, result };
}

/** A command of `setup` or `teardown` that failed is told like a test. */
function stepCase(beside: PlannedCase, word: 'setup' | 'teardown', step: Step): PlannedCase {
  const title = `${word}: ${step.title}`;
  const test: Test = {
    ...beside.test,
    ...step,
    title,
    tags: [],
    needs: [],
  };
  return { ...beside, test, title, repetition: 0 };
}

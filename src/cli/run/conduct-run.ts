import type { OpenHost } from '../../client/host.ts';
import { STALLED_READER_MS } from '../../client/limits.ts';
import { failedResult } from '../../client/run-result.ts';
import type { RemoteRun, RunOptions, RunResult, RunTerminal } from '../../client/run-types.ts';
import { RexaError } from '../../protocol/errors.ts';
import { outcomeOfFailedOpen } from '../../protocol/outcome.ts';
import { STDIO } from '../../protocol/version.ts';
import { within } from '../../runtime/in-time.ts';
import type { CancelCause, CutOutput } from '../exit-status.ts';
import { isConnectionLost } from '../host/connection-line.ts';
import { isClosed, reportFailure } from '../host/report-failure.ts';
import { askNextDaemon } from '../host/wait-for-daemon.ts';
import { standardTerminal } from '../output/standard-streams.ts';
import { traceEnd, traceHello, traceInput, traceRequest, traceSink } from '../output/trace.ts';
import { untilUnused } from '../share/until-unused.ts';
import { announceInterrupts } from './announce-interrupt.ts';
import { copyOutput } from './copy-output.ts';
import { describeHeld, describeWaiting } from './describe-outcome.ts';
import { feedInput } from './feed-input.ts';
import { type Interrupt, type OnInterrupt, watchInterrupts } from './interrupts.ts';
import { reportDrain } from './report-drain.ts';
import type { ConductedRun, ProcessContext, RunPlan } from './run-plan.ts';
import { watchSuspension } from './suspension.ts';

/** How long the close of the connection may take, with its GOAWAY. */
const GOAWAY_MS = 250;

/** Connects, runs, streams, passes signals on. Never throws for what can happen to a run: that is its outcome. */
export function conductRun(plan: RunPlan, around: ProcessContext): Promise<ConductedRun> {
  return askNextDaemon(() => conductOnce(plan, around), plan.connectTimeoutMs, around.messages);
}

async function conductOnce(plan: RunPlan, around: ProcessContext): Promise<ConductedRun> {
  const early = Promise.withResolvers<CancelCause>();
  let interrupt = (asked: Interrupt): void =>
    early.resolve(asked.kind === 'forward' ? 'SIGINT' : asked.cause);
  const stopWatching = watchInterrupts(around.signals, (asked) => interrupt(asked), plan.interrupts);
  try {
    const opened = await Promise.race([openHost(plan, around), early.promise.then((cause) => ({ cause }))]);
    if ('cause' in opened) return { result: cancelBeforeStart(plan), cause: opened.cause };
    if ('error' in opened) return { result: failToOpen(plan, opened.error), cause: null };
    return await runOn(opened.host, plan, around, (handle) => {
      interrupt = handle;
    });
  } finally {
    stopWatching();
  }
}

/** A key that was proven together with the request and refused: nothing was run, no stdin was read, and it is asked again. */
async function runOn(
  host: OpenHost,
  plan: RunPlan,
  around: ProcessContext,
  onInterrupt: OnInterrupt,
): Promise<ConductedRun> {
  const ended = await runOnce(host, plan, around, onInterrupt);
  if (ended.result.outcome !== 'denied' || host.logInAgain === undefined) return ended;
  try {
    const again = await host.logInAgain();
    return again === null ? ended : await runOn(again, plan, around, onInterrupt);
  } catch (error) {
    if (error instanceof RexaError) return { result: failToOpen(plan, error), cause: null };
    throw error;
  }
}

async function runOnce(
  host: OpenHost,
  plan: RunPlan,
  around: ProcessContext,
  onInterrupt: OnInterrupt,
): Promise<ConductedRun> {
  const terminal = plan.terminal === undefined ? null : await around.openTerminal();
  const lasts = terminal?.hasKeys === true && plan.options.forwardAgent === undefined;
  const begun = lasts ? await lastingPlan(plan, around) : plan;
  const started = startRun(begun, host, around, terminal?.describe());
  if ('error' in started) return { result: fail(plan, 'not-started', started.error), cause: null };
  if (plan.detaches === true) return detachRun(started.run, host, around);
  if (terminal === null || plan.terminal === undefined || plan.keepsOutput)
    return followRun(started.run, host, plan, around, onInterrupt);
  const { followOnTerminal } = await import('../terminal/follow-run.ts');
  const session = { run: started.run, host, plan: plan.terminal, terminal, around };
  const ended = await followOnTerminal(session, onInterrupt);
  const isLeft = plan.terminal.session !== undefined && ended.cause === null;
  await leaveHost(host, around, ended.result, isLeft);
  return ended;
}

/** A terminal of a person is taken up again at the next daemon. */
async function lastingPlan(plan: RunPlan, around: ProcessContext): Promise<RunPlan> {
  if (plan.begin !== undefined) return plan;
  const { startLastingRun } = await import('../session/lasting-run.ts');
  const user = plan.user === null ? {} : { user: plan.user };
  return {
    ...plan,
    begin: (host, options) =>
      startLastingRun(host, {
        options,
        session: null,
        start: (opened, asked) => opened.run(plan.file, plan.args, asked),
        reopen: () => around.reopen(plan.address, user),
        reconnectForMs: around.reconnectForMs,
      }).run,
  };
}

type Failed = { readonly error: RexaError };

async function openHost(
  plan: RunPlan,
  around: ProcessContext,
): Promise<{ readonly host: OpenHost } | Failed> {
  const { messages } = around;
  try {
    const host = await around.open(plan.address, {
      // Our terminal is joined to a host that has let us in
      isEarly: plan.terminal === undefined,
      log: (line) => messages.debug(1, line),
      ...(plan.user === null ? {} : { user: plan.user }),
      ...(plan.connectTimeoutMs === undefined ? {} : { timeout: plan.connectTimeoutMs }),
      hasTerminal: plan.terminal !== undefined,
    });
    return { host };
  } catch (error) {
    if (error instanceof RexaError) return { error };
    throw error;
  }
}

function startRun(
  plan: RunPlan,
  host: OpenHost,
  around: ProcessContext,
  terminal: RunTerminal | undefined,
): { readonly run: RemoteRun<string | Uint8Array> } | Failed {
  const warnPerson = (sentence: string): void => {
    if (standardTerminal(2) !== null) around.messages.warn(sentence);
  };
  const options: RunOptions = {
    ...plan.options,
    stdin: plan.sendsStdin ? 'pipe' : 'ignore',
    buffer: plan.keepsOutput,
    reject: false,
    ...(isOneOutput(plan) ? { stderr: 'stdout' } : {}),
    handleHeld: (pids) => warnPerson(describeHeld(pids)),
    handleWaiting: (running) => warnPerson(describeWaiting(running)),
    handleAgentProblem: (sentence) => around.messages.warn(sentence),
    terminal,
  };
  traceRequest(around.messages, plan, options);
  traceHello(around.messages, host, plan.connectTimeoutMs);
  try {
    return { run: plan.begin?.(host, options) ?? host.run(plan.file, plan.args, options) };
  } catch (error) {
    if (error instanceof RexaError) return { error };
    throw error;
  }
}

/** Whether our stdout and stderr are one pipe or file, where only the host can keep the order of what is written to them. */
function isOneOutput({ keepsOutput, terminal, options, begin }: RunPlan): boolean {
  if (keepsOutput || terminal !== undefined || begin !== undefined) return false;
  // A job's record keeps them apart
  if (options.id !== undefined || options.lifetime !== undefined) return false;
  const { fstatSync } = process.getBuiltinModule('node:fs');
  try {
    const [out, err] = [fstatSync(1), fstatSync(2)];
    return !out.isCharacterDevice() && out.dev === err.dev && out.ino === err.ino;
  } catch {
    return false;
  }
}

async function followRun(
  run: RemoteRun<string | Uint8Array>,
  host: OpenHost,
  plan: RunPlan,
  around: ProcessContext,
  onInterrupt: OnInterrupt,
): Promise<ConductedRun> {
  const { messages } = around;
  const leaves = plan.interrupts !== undefined && plan.interrupts !== 'run';
  let cause: CancelCause | null = null;
  let left: CancelCause | null = null;
  let isInterrupted = false;
  let cut: CutOutput | null = null;
  let stalls: NodeJS.Timeout | undefined;

  const copies = plan.keepsOutput
    ? []
    : [
        copyOutput(
          plan.continued?.[0].rest(run.stdout) ?? run.stdout,
          traceSink(messages, 'stdout', around.stdout),
          (error) => {
            const why = reportFailure(error, messages);
            if (leaves) abandon(why);
            else if (why === 'stdout-closed' && canCloseOutput(plan, host)) closeStdout();
            else cancel(why);
          },
        ),
        // Without stderr, only the exit status can report it
        copyOutput(
          plan.continued?.[1].rest(run.stderr) ?? run.stderr,
          traceSink(messages, 'stderr', around.stderr),
          (error) => {
            cut = isClosed(error) ? 'closed' : 'failed';
          },
        ),
      ];

  function cancel(why: CancelCause): void {
    cause ??= why;
    run.cancel();
    watchStalls();
  }

  function watchStalls(): void {
    stalls ??= setInterval(() => {
      for (const copy of copies) copy.giveUpIfStalled();
    }, STALLED_READER_MS);
  }

  /** The reader of our stdout has closed it, so that of the command is closed too; the command continues otherwise. */
  function closeStdout(): void {
    cause ??= 'stdout-closed';
    run.stdout.destroy();
  }

  function abandon(why: CancelCause): void {
    if (leaves) left ??= why;
    run.abandon();
    for (const copy of copies) copy.giveUp();
  }

  reportDrain(run, host, messages);
  run.onInputRefused((sentence) => {
    ringBell();
    messages.warn(sentence);
  });
  const announcer = announceInterrupts(
    (sentence) => {
      if (standardTerminal(2) !== null) messages.warn(sentence);
    },
    plan.interrupts === undefined || plan.interrupts === 'run' || plan.interrupts === 'job',
    isConnectionLost,
  );
  onInterrupt((asked) => {
    messages.debug(1, `a signal: ${asked.kind}`);
    announcer.handleInterrupt(asked);
    if (asked.kind === 'forward') {
      isInterrupted = true;
      run.kill(asked.signal);
    } else if (asked.kind === 'cancel') cancel(asked.cause);
    else abandon(asked.cause);
  });
  let endsWithClient = false;
  void run.job.then((job) => {
    endsWithClient = job?.lifetime === 'with-client';
    if (job?.state === 'running' && plan.announce !== undefined && standardTerminal(2) !== null)
      messages.warn(plan.announce(job));
  });
  void run.exited.then((exit) => {
    // A reader that takes nothing may not hold up what ended the run
    if (exit?.name === 'timed-out' || exit?.name === 'canceled') watchStalls();
  });
  const stopSuspending = watchSuspension(around.signals, () => host.suspend?.() ?? Promise.resolve());
  let takenBytes = 0;
  void sendStdin(run, around, (bytes) => {
    takenBytes += bytes;
    plan.handleInput?.();
  });

  const result = await run;
  announcer.stop();
  stopSuspending();
  await Promise.all(copies.map((copy) => copy.done));
  clearInterval(stalls);
  traceEnd(messages, result);
  await leaveHost(host, around, result, cause === null && left === null);
  // An interrupt ends what the command left at work, when it has ended itself
  if (isInterrupted && result.outcome === 'canceled') cause ??= 'SIGINT';
  if (copies.some((copy) => copy.isGivenUp)) cut ??= 'given-up';
  // It may have ended by itself in the same moment
  return { result, takenBytes, cause, cut, left: result.code === 'ABANDONED' ? left : null, endsWithClient };
}

/** Whether a command can be told that its output is not read any more. That of a job is recorded all the same. */
function canCloseOutput({ options, begin }: RunPlan, host: OpenHost): boolean {
  const isJob = options.id !== undefined || options.lifetime !== undefined || begin !== undefined;
  return !isJob && host.knows?.(STDIO) === true;
}

/** A person who types watches the echo. */
function ringBell(): void {
  standardTerminal(2)?.write('\x07');
}

/** Leaves a job as soon as it is recorded and runs; what comes to nothing before that is told as of any run. */
async function detachRun(
  run: RemoteRun<string | Uint8Array>,
  host: OpenHost,
  { stdout, signals, messages }: ProcessContext,
): Promise<ConductedRun> {
  for (const stream of [run.stdout, run.stderr]) stream.resume();
  const job = await run.job;
  if (job === null) return { result: await run, cause: null };
  run.abandon();
  const result = await run;
  const told = await stdout.write(Buffer.from(`${job.id}\n`)).then(
    () => 'detached' as const,
    (error: Error) => reportFailure(error, messages),
  );
  await untilUnused(host, signals, messages);
  await sendGoaway(host);
  return { result, cause: null, left: told };
}

async function sendStdin(
  run: RemoteRun<unknown>,
  { openStdin, messages }: ProcessContext,
  handleInput: (bytes: number) => void,
): Promise<void> {
  const pid = await run.pid;
  if (pid === null) return;
  messages.debug(1, `started as pid ${pid}`);
  if (run.stdin === null) return;
  const stdin = openStdin();
  traceInput(messages, stdin);
  feedInput(stdin, run.stdin, (error) => messages.warn(`cannot read stdin: ${error.message}`), handleInput);
}

/** @param isLeft whether a run that has not ended by itself was left to go on, so that others may use the connection on */
async function leaveHost(
  host: OpenHost,
  { beforeGoaway, signals, messages }: ProcessContext,
  { outcome }: RunResult<unknown>,
  isLeft: boolean,
): Promise<void> {
  const isOver = outcome === 'exited' || outcome === 'signaled';
  if (isOver && beforeGoaway !== undefined) await beforeGoaway();
  else if (isOver || isLeft) await untilUnused(host, signals, messages);
  await sendGoaway(host);
}

async function sendGoaway(host: OpenHost): Promise<void> {
  await host.settled?.();
  await within(
    host.close().catch(() => {}),
    GOAWAY_MS,
    undefined,
  );
}

function fail(
  plan: RunPlan,
  outcome: 'unreachable' | 'denied' | 'not-started',
  error: RexaError,
): RunResult<string | Uint8Array> {
  const id = plan.options.id ?? process.getBuiltinModule('node:crypto').randomUUID();
  return failedResult(plan.address, id, outcome, error, plan.options);
}

/** What a host that was not opened makes of a run: not a byte of it was sent. */
function failToOpen(plan: RunPlan, error: RexaError): RunResult<string | Uint8Array> {
  return fail(plan, outcomeOfFailedOpen(error.code), error);
}

function cancelBeforeStart(plan: RunPlan): RunResult<string | Uint8Array> {
  return { ...fail(plan, 'not-started', new RexaError('CANCELED')), outcome: 'canceled' };
}

import { performance } from 'node:perf_hooks';
import type { LinkChannel } from '../../link/channel.ts';
import { RexaError } from '../../protocol/errors.ts';
import { DEFAULT_KILL_AFTER_MS } from '../../protocol/limits.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import { createRunLife, type RunLife } from '../../protocol/run-life.ts';
import { type RunRequest, readRunCommandMessage, readRunRequest } from '../../protocol/run-messages.ts';
import type { Audit } from '../audit.ts';
import type { Runner, Running } from '../runner/runner.ts';
import { isStandardSignal } from '../runner/signals.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';
import { type InputPump, pumpInput } from './pump-input.ts';
import { type OutputPump, pumpOutput } from './pump-output.ts';
import type { Principal, Service } from './service.ts';

/** What the service needs of its daemon. */
export interface RunServiceOptions {
  readonly runner: Runner;
  readonly audit: Audit;
  /** The name of the encoding that `host` means. */
  readonly hostEncoding: string;
}

/** Runs that are under way, for the daemon's shutdown and its idle clock. */
export interface RunService extends Service {
  readonly activeCount: number;
  /** Ends every tree; their outcomes are told as `canceled`. Resolves when all are over. */
  cancelAll(): Promise<void>;
  /** Resolves when no run is under way. */
  whenIdle(): Promise<void>;
}

/** The service `run`; docs/protocol.md, 6. */
export function createRunService(options: RunServiceOptions): RunService {
  const active = new Map<symbol, { cancel(): void; over: Promise<void> }>();

  async function serve(channel: LinkChannel, principal: Principal): Promise<void> {
    const request = readRunRequest(channel.request);
    const audit = options.audit.openRun(request, principal);
    const key = Symbol(request.id);
    const canceled = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    active.set(key, { cancel: canceled.resolve, over: over.promise });
    const requestedMs = performance.now();
    try {
      const prepared = await prepareRun(request, options.hostEncoding);
      const running = await options.runner.start(prepared.start);
      const outcome = await conductRun(channel, request, prepared, running, {
        requestedMs,
        canceled: canceled.promise,
      });
      audit.close(outcome);
      channel.close({ outcome });
    } catch (error) {
      audit.refuse(error);
      throw error;
    } finally {
      active.delete(key);
      over.resolve();
    }
  }

  async function whenIdle(): Promise<void> {
    await Promise.all([...active.values()].map((run) => run.over));
  }

  return {
    name: 'run',
    serve,
    get activeCount() {
      return active.size;
    },
    async cancelAll() {
      for (const run of active.values()) run.cancel();
      await whenIdle();
    },
    whenIdle,
  };
}

/** Drives one started command to its outcome: its streams, the client's messages, time, and the tree's end. */
async function conductRun(
  channel: LinkChannel,
  request: RunRequest,
  prepared: PreparedRun,
  running: Running,
  { requestedMs, canceled }: { readonly requestedMs: number; readonly canceled: Promise<void> },
): Promise<Outcome> {
  const life = createRunLife(performance.now(), request.timeoutMs ?? null);
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  const killAfterMs = request.killAfterMs ?? DEFAULT_KILL_AFTER_MS;
  let survivors: readonly number[] = [];
  let pipeHeldBy: readonly number[] = [];
  let isTreeEnding = false;
  let timer: NodeJS.Timeout | null = null;

  /** After anything has happened: does the life's state ask for something? */
  function follow(): void {
    if (life.state === 'ending' && !isTreeEnding) void endTree();
    if (life.state === 'held') nameHolders();
    if (life.state === 'over') finish();
    else armTimer();
  }

  function armTimer(): void {
    const deadlineMs = life.nextDeadlineMs();
    if (timer !== null || deadlineMs === null) return;
    timer = setTimeout(
      () => {
        timer = null;
        life.handleTime(performance.now());
        follow();
      },
      Math.max(1, deadlineMs - performance.now()),
    );
  }

  async function endTree(): Promise<void> {
    isTreeEnding = true;
    survivors = await running.endTree(killAfterMs);
    // The exit of a process that is gone may be told a moment after it is gone.
    if (!survivors.includes(running.pid)) life.handleExit(await running.exit, performance.now());
    life.handleTreeEnded(performance.now());
    follow();
  }

  function nameHolders(): void {
    pipeHeldBy = running.findPipeHolders();
    for (const output of outputs) output.discardRest();
    life.handleHoldersKnown();
  }

  const stdin: InputPump | null =
    running.stdin && pumpInput(channel.stream(0), running.stdin, prepared.encoder);
  const outputs = (['stdout', 'stderr'] as const).map((name, stream) =>
    pumpOutput(running[name], channel.stream(stream), prepared.decoders[name], {
      handleBytes: (bytes) => life.handleOutput(name, bytes, performance.now()),
      handleBlocked: (blocked) => {
        life.handleBlocked(name, blocked, performance.now());
        follow();
      },
      handleEnd: () => {
        life.handleOutputEnd(name);
        follow();
      },
    }),
  ) as [OutputPump, OutputPump];

  channel.send({ type: 'started', pid: running.pid });
  void running.exit.then((exit) => {
    life.handleExit(exit, performance.now());
    follow();
  });
  const cancel = (): void => {
    life.handleCancel();
    follow();
  };
  void channel.ended.then(cancel);
  void canceled.then(cancel);
  void followMessages(channel, running, cancel);
  follow();

  await over;
  if (timer) clearTimeout(timer);
  stdin?.stop();
  const [stdout, stderr] = outputs;
  return {
    ...describeEnding(life, request),
    encoding: { stdin: prepared.inputReceipt(), stdout: stdout.receipt(), stderr: stderr.receipt() },
    bytes: { stdin: stdin?.bytes ?? 0, stdout: stdout.bytes, stderr: stderr.bytes },
    durationMs: Math.round((performance.now() - requestedMs) * 1000) / 1000,
    survivors,
    pipeHeldBy,
  };
}

/** Acts on the client's messages until the channel is over. A message of the wrong shape cancels the run. */
async function followMessages(channel: LinkChannel, running: Running, cancel: () => void): Promise<void> {
  for (let message = await channel.nextMessage(); message !== null; message = await channel.nextMessage()) {
    try {
      const command = readRunCommandMessage(message);
      if (command.type === 'cancel') cancel();
      else if (isStandardSignal(command.name)) running.signal(command.name);
    } catch {
      cancel();
    }
  }
}

function describeEnding(
  life: RunLife,
  request: RunRequest,
): Pick<Outcome, 'name' | 'exitCode' | 'signal' | 'code' | 'reason'> {
  const { exitCode, signal } = life.exit;
  if (life.cause === 'timeout') {
    const error = new RexaError('TIMED_OUT', [request.timeoutMs ?? 0]);
    return { name: 'timed-out', exitCode, signal, code: error.code, reason: error.message };
  }
  if (life.cause === 'cancel') {
    const error = new RexaError('CANCELED');
    return { name: 'canceled', exitCode, signal, code: error.code, reason: error.message };
  }
  return { name: signal === null ? 'exited' : 'signaled', exitCode, signal, code: null, reason: null };
}

import type { Readable, Writable } from 'node:stream';
import { RexaError } from '../../protocol/errors.ts';
import { DEFAULT_KILL_AFTER_MS } from '../../protocol/limits.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import { createRunLife, type RunCause, type RunLife } from '../../protocol/run-life.ts';
import type { RunCommandMessage, RunRequest } from '../../services/run/messages.ts';
import { HELD_PIPE_TELL_LOOKS } from '../limits.ts';
import type { ProcessExit, Running } from '../runner/runner.ts';
import { isStandardSignal } from '../runner/signals.ts';
import type { RunFilters } from './filters.ts';
import { type DescriptorPeer, pumpDescriptor } from './pump-descriptor.ts';
import { type InputPump, pumpInput } from './pump-input.ts';
import { pumpOutput } from './pump-output.ts';

/** The client of a command: where its streams go, and what it asks for while the command runs. */
export interface RunPeer {
  /** Read only when the request streams its stdin. */
  stdin(): Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** The same of a descriptor above 2. */
  descriptor?(number: number): DescriptorPeer;
  reportStarted(pid: number): void;
  /** Some of what was typed can't be written in the command's encoding and was not sent. */
  reportRefused(error: RexaError): void;
  /** The command has exited some seconds ago, and these processes still hold its output: they are waited for. */
  reportHeld(pids: readonly number[]): void;
  /** The command has ended, though its output may not have been sent yet. */
  reportExited?(ending: Ending): void;
  /** What the peer wants next; null when nothing more comes. */
  nextMessage(): Promise<RunCommandMessage | null>;
  /** Resolves when nobody waits for the outcome any more: then the tree is ended. */
  readonly gone: Promise<unknown>;
}

/** One started command. */
export interface StartedRun {
  readonly request: Pick<RunRequest, 'timeoutMs' | 'killAfterMs' | 'heldPipes'>;
  /** When it was asked for, by the clock of performance.now(). */
  readonly requestedMs: number;
  readonly prepared: RunFilters;
  readonly running: Running;
  /** Resolves when the owner of the run wants the tree ended: with what goes on after "the command was canceled". */
  readonly canceled: Promise<string>;
  /** Resolves when the tree must be gone at once, whatever time its request gives it. */
  readonly killed?: Promise<unknown>;
  /** Takes a pipe that is still held at the end of the run. */
  keepHeld(pipe: Readable): void;
  /** Called when the command has ended, and its tree if that was to be ended: what is left are bytes in pipes. */
  handleEnded(): void;
}

/** How a command ended, and why. */
export type Ending = Pick<Outcome, 'name' | 'exitCode' | 'signal'>;

/** Drives a started command to its outcome: its streams, its peer's messages, time, and the tree's end. */
export async function conductRun(run: StartedRun, peer: RunPeer): Promise<Outcome> {
  const { request, prepared, running } = run;
  const life = createRunLife(performance.now(), request.timeoutMs ?? null, request.heldPipes === 'wait');
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  let survivors: readonly number[] = [];
  let pipeHeldBy: readonly number[] = [];
  let isTreeEnding = false;
  let isHeldTold = false;
  let isExitTold = false;
  /** What leads to the end of the tree: that was asked for, or there is nobody any more. */
  let how: 'endTree' | 'hangUp' = 'endTree';
  let canceled: RexaError | null = null;
  let timer: NodeJS.Timeout | undefined;
  let timerAtMs = Number.POSITIVE_INFINITY;

  /** After anything has happened: does the life's state ask for something? */
  function follow(): void {
    if (life.state === 'ending' && !isTreeEnding) void endTree();
    if (life.state !== 'running' && life.state !== 'ending') handleEnded();
    if (life.state === 'held') return askForHolders();
    if (life.state === 'over') finish();
    else armTimer();
  }

  function handleEnded(): void {
    run.handleEnded();
    if (isExitTold) return;
    isExitTold = true;
    peer.reportExited?.({ name: nameOutcome(life), ...life.exit });
  }

  /** One that is armed for a later time is armed anew, one for an earlier time just looks and finds nothing due. */
  function armTimer(): void {
    const atMs = life.nextDeadlineMs();
    if (atMs === null || timerAtMs <= atMs) return;
    clearTimeout(timer);
    timerAtMs = atMs;
    timer = setTimeout(() => afterEvents(handleTime), Math.max(1, atMs - performance.now()));
  }

  function handleTime(): void {
    clearTimeout(timer);
    timerAtMs = Number.POSITIVE_INFINITY;
    life.handleTime(performance.now(), running.waitingBytes);
  }

  /** The end of the tree is then seen earlier. */
  function killTree(): void {
    afterEvents(() => {
      if (life.state === 'ending') void running.endTree(0);
    });
  }

  async function endTree(): Promise<void> {
    isTreeEnding = true;
    survivors = await running[how](request.killAfterMs ?? DEFAULT_KILL_AFTER_MS);
    // The exit of a process that is gone may be told a moment after it is gone.
    if (!survivors.includes(running.pid)) handleExit(await running.exit);
    life.handleTreeEnded(performance.now(), running.waitingBytes);
    follow();
  }

  function handleExit(exit: ProcessExit): void {
    life.handleExit(exit, performance.now(), running.waitingBytes);
  }

  function askForHolders(): void {
    const { pids, filters } = running.findPipeHolders();
    life.handleHolders(filters.length > 0 ? 'filters' : 'others');
    if (life.state === 'over') {
      pipeHeldBy = pids;
      for (const output of [stdout, stderr]) run.keepHeld(output.discardRest());
    } else if (!isHeldTold && life.looks >= HELD_PIPE_TELL_LOOKS) {
      isHeldTold = true;
      peer.reportHeld(pids);
    }
    follow();
  }

  function pump(name: 'stdout' | 'stderr') {
    return pumpOutput(running[name], peer[name], prepared.decoders[name], {
      isWaiting: () => running.waitingBytes(name) > 0,
      handleBytes: (bytes) => life.handleOutput(name, bytes),
      handleBlocked: (blocked) => {
        life.handleBlocked(name, blocked, performance.now());
        follow();
      },
      handleEnd: () => {
        life.handleOutputEnd(name);
        follow();
      },
    });
  }

  /**
   * Handles first what has happened to the command by now: in a turn of the event loop, Node looks at its timers first, then
   * reads pipes and sockets, and only then hears of exits.
   */
  function afterEvents(act: () => void): void {
    running.noticeExit?.();
    setImmediate(() => {
      act();
      follow();
    });
  }

  function cancel(why: RexaError, by: typeof how = 'endTree'): void {
    afterEvents(() => {
      if (life.state === 'running') how = by;
      canceled ??= why;
      life.handleCancel();
    });
  }

  function signal(name: string, forTree: boolean): void {
    if (!isStandardSignal(name)) return;
    running.signal(name);
    if (forTree) life.handleTreeSignal();
    if (forTree) follow();
    if (name !== 'SIGINT') return;
    if (life.state === 'draining') canceled ??= new RexaError('CANCELED', [' by the client']);
    life.handleInterrupt();
    follow();
  }

  /** @param why goes on after "the command was canceled" */
  function hangUp(why: string): void {
    cancel(new RexaError('CANCELED', [why]), 'hangUp');
  }

  function handleRefused(error: RexaError): 'go-on' | 'stop' {
    if (prepared.refusalCancels) cancel(error);
    else peer.reportRefused(error);
    return prepared.refusalCancels ? 'stop' : 'go-on';
  }

  const stdin: InputPump | null =
    running.stdin && pumpInput(peer.stdin(), running.stdin, prepared.encoder, handleRefused);
  const stdout = pump('stdout');
  const stderr = pump('stderr');
  const descriptors = [...running.descriptors].flatMap(([number, socket]) => {
    const other = peer.descriptor?.(number);
    return other === undefined ? [] : [[number, pumpDescriptor(socket, other)] as const];
  });
  const closers: Readonly<Record<number, { close(): void }>> = {
    0: stdout,
    1: stderr,
    ...Object.fromEntries(descriptors),
  };
  peer.reportStarted(running.pid);
  void running.exit.then((exit) => {
    handleExit(exit);
    follow();
  });
  void run.canceled.then(hangUp);
  void run.killed?.then(killTree);
  void peer.gone.then(() =>
    afterEvents(() => {
      if (life.state === 'running') how = 'hangUp';
      life.handlePeerGone();
    }),
  );
  void followMessages(peer, (message) => {
    switch (message.type) {
      case 'cancel':
        return cancel(new RexaError('CANCELED', [' by the client']));
      case 'hang-up':
        return hangUp(': its terminal was hung up');
      case 'resize':
        return running.resize(message);
      case 'signal':
        return signal(message.name, message.tree === true);
      case 'close-output':
        return closers[message.stream]?.close();
      case 'consumed':
        // Of a run whose output is kept elsewhere
        return;
      default:
        message satisfies never;
    }
  });
  follow();

  await over;
  clearTimeout(timer);
  const settled = Promise.all(descriptors.map(([, descriptor]) => descriptor.settle()));
  await Promise.race([settled, peer.gone]);
  for (const [, descriptor] of descriptors) descriptor.close();
  stdin?.stop();
  const unread = running.unreadInput?.() ?? null;
  return {
    ...describeEnding(life, request, canceled),
    encoding: { stdin: prepared.inputReceipt(), stdout: stdout.receipt(), stderr: stderr.receipt() },
    bytes: { stdin: stdin?.bytes ?? 0, stdout: stdout.bytes, stderr: stderr.bytes },
    durationMs: Math.round((performance.now() - run.requestedMs) * 1000) / 1000,
    survivors,
    pipeHeldBy,
    complete: life.isComplete,
    ...(unread === null ? {} : { unreadInputBytes: unread }),
  };
}

/** Hands on what the peer wants. A message that can't be understood cancels the run. */
async function followMessages(peer: RunPeer, handle: (message: RunCommandMessage) => void): Promise<void> {
  try {
    for (let message = await peer.nextMessage(); message !== null; message = await peer.nextMessage()) {
      handle(message);
    }
  } catch {
    handle({ type: 'cancel' });
  }
}

function describeEnding(
  life: RunLife,
  request: StartedRun['request'],
  canceled: RexaError | null,
): Pick<Outcome, 'name' | 'exitCode' | 'signal' | 'code' | 'reason'> {
  const ending = { name: nameOutcome(life), ...life.exit };
  switch (ending.name) {
    case 'timed-out': {
      const error = new RexaError('TIMED_OUT', [request.timeoutMs ?? 0]);
      return { ...ending, code: error.code, reason: error.message };
    }
    case 'canceled': {
      // An error costs the trace of its stack: most runs need none
      const error = canceled ?? new RexaError('CANCELED', ['']);
      return { ...ending, code: error.code, reason: error.message };
    }
    default:
      return { ...ending, code: null, reason: null };
  }
}

const NAMES: Readonly<Record<Exclude<RunCause, 'exit'>, Outcome['name']>> = {
  timeout: 'timed-out',
  cancel: 'canceled',
  gone: 'canceled',
};

function nameOutcome({ cause, exit }: RunLife): Outcome['name'] {
  if (cause !== null && cause !== 'exit') return NAMES[cause];
  return exit.signal === null ? 'exited' : 'signaled';
}

import {
  HELD_PIPE_CAP_LOOKS,
  HELD_PIPE_LOOK_MS,
  HELD_PIPE_QUIET_LOOKS,
  MAX_HELD_PIPE_QUIET_LOOKS,
} from './limits.ts';

/**
 * The life of a run, sans IO; docs/protocol.md, 6.
 *
 * | state    | on                                                    | next     |
 * |----------|-------------------------------------------------------|----------|
 * | running  | the process exits                                     | draining |
 * | running  | the process exits by the user's interrupt             | ending   |
 * | running  | the process exits after a signal for its tree         | ending   |
 * | running  | timeout, cancel, the peer is gone                     | ending   |
 * | ending   | the tree is gone, or its survivors are known          | draining |
 * | draining | both pipes have ended                                 | over     |
 * | draining | each open pipe was found empty by enough looks, or the peer is gone | held |
 * | held     | filters are still at work                             | draining |
 * | held     | the same, after a timeout or cancel                   | ending   |
 * | held     | only others, for the first time                       | draining |
 * | held     | the same at the next look, or nobody is waited for    | over     |
 *
 * A pipe is quiet when looks at it have found it empty. The clock only spaces the looks: a process that was stopped for
 * long looks once when it goes on, and that counts as one. Holders are asked for twice, since processes are not all seen
 * at one moment: one that fed a filter may have ended while the others were looked at.
 */
export type RunState = 'running' | 'ending' | 'draining' | 'held' | 'over';

/** Why a run ended: the first that happened. `gone`: nobody waits for its outcome any more. */
export type RunCause = 'exit' | 'timeout' | 'cancel' | 'gone';

/** How the process ended by itself; both null while that is not known. */
export interface ExitStatus {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** The two pipes that are read. */
export type OutputName = 'stdout' | 'stderr';

/** How many bytes of an output were written and have not been handed to `handleOutput`. */
export type CountWaiting = (name: OutputName) => number;

/** Who holds the pipes: filters that are still at work on what the command wrote, or only others. */
export type HolderKind = 'filters' | 'others';

export interface RunLife {
  readonly state: RunState;
  /** Null while it is running. */
  readonly cause: RunCause | null;
  readonly exit: ExitStatus;
  /** False when somebody still held a pipe at the end, so that more may have been written to it. */
  readonly isComplete: boolean;
  /** How often the pipes were looked at since the process's exit. */
  readonly looks: number;
  handleExit(exit: ExitStatus, nowMs: number, countWaiting: CountWaiting): void;
  handleCancel(): void;
  /** The user's interrupt (SIGINT) was sent to the command: if it ends by it, the rest of its tree is ended too. */
  handleInterrupt(): void;
  /** The command was sent a signal that is meant for its tree: however it ends, the rest of its tree is ended too. */
  handleTreeSignal(): void;
  /** Nobody waits for the outcome any more: the tree is ended, and then nothing is waited for. */
  handlePeerGone(): void;
  /** `endTree` is done. */
  handleTreeEnded(nowMs: number, countWaiting: CountWaiting): void;
  handleOutput(name: OutputName, bytes: number): void;
  handleOutputEnd(name: OutputName): void;
  /** Whether the reader of a pipe waits for credit: then quiet says nothing about the pipe. */
  handleBlocked(name: OutputName, blocked: boolean, nowMs: number): void;
  handleHolders(kind: HolderKind): void;
  /** Must not be called before everything that has happened until now was handled: exits, bytes, ends. */
  handleTime(nowMs: number, countWaiting: CountWaiting): void;
  /** When `handleTime` is due; null when time changes nothing. */
  nextDeadlineMs(): number | null;
}

interface Output {
  state: 'flowing' | 'blocked' | 'ended';
  /** Something happened to it since the last look, so the next one does not count. */
  hasChanged: boolean;
  /** Looks in a row that found it empty. */
  emptyLooks: number;
  /** Looks at which it was read freely, since the exit or since its holders were asked for. */
  freeLooks: number;
  /** What is still to come of the bytes that were in it at the exit: the command's own. */
  ownBytes: number;
}

/** What the code 130 means to shells: ended by SIGINT. */
const EXIT_INTERRUPTED = 130;

/**
 * @param timeoutMs from the start; null for none
 * @param waitsForAll whether everybody who holds a pipe is waited for, as sshd does
 */
export function createRunLife(startedMs: number, timeoutMs: number | null, waitsForAll = false): RunLife {
  const outputs: Record<OutputName, Output> = { stdout: newOutput(), stderr: newOutput() };
  const both = [outputs.stdout, outputs.stderr];
  const timeoutAtMs = timeoutMs === null ? Number.POSITIVE_INFINITY : startedMs + timeoutMs;
  let state: RunState = 'running';
  let cause: RunCause | null = null;
  let exit: ExitStatus = { exitCode: null, signal: null };
  let isComplete = false;
  let isPeerGone = false;
  let isInterrupted = false;
  let isTreeSignaled = false;
  let isTreeEnded = false;
  /** Filters were found at work. */
  let isWaiting = false;
  /** What asked for an end while filters may be at work. */
  let asked: 'timeout' | 'cancel' | null = null;
  /** The last answer was that only others hold the pipes. */
  let isHeldByOthers = false;
  let lookAtMs = 0;
  let looks = 0;
  let quietLooks = HELD_PIPE_QUIET_LOOKS;

  function startDraining(nowMs: number, countWaiting: CountWaiting): void {
    state = 'draining';
    lookAtMs = nowMs + HELD_PIPE_LOOK_MS;
    for (const name of ['stdout', 'stderr'] as const) {
      const output = outputs[name];
      if (output.state === 'ended') continue;
      Object.assign(output, { ...newOutput(), state: output.state, ownBytes: countWaiting(name) });
    }
    checkDrained();
  }

  function checkDrained(): void {
    if (state !== 'draining') return;
    if (both.every((output) => output.state === 'ended')) {
      state = 'over';
      isComplete = true;
    } else if (isPeerGone || both.every(isGivenUp)) {
      state = 'held';
    }
  }

  /** Whether nothing more has to come out of it: it is at its end, or what the command itself wrote has come. */
  function isGivenUp(output: Output): boolean {
    if (output.state !== 'flowing') return output.state === 'ended';
    if (output.emptyLooks >= quietLooks) return true;
    const isEnough = asked !== null || output.freeLooks >= HELD_PIPE_CAP_LOOKS;
    return isEnough && output.ownBytes <= 0;
  }

  function look(nowMs: number, countWaiting: CountWaiting): void {
    lookAtMs = nowMs + HELD_PIPE_LOOK_MS;
    looks += 1;
    for (const name of ['stdout', 'stderr'] as const) {
      const output = outputs[name];
      if (output.state !== 'flowing') continue;
      const isEmpty = countWaiting(name) === 0;
      if (isEmpty) output.ownBytes = 0;
      output.freeLooks += 1;
      output.emptyLooks = isEmpty && !output.hasChanged ? output.emptyLooks + 1 : 0;
      output.hasChanged = false;
    }
    checkDrained();
  }

  function startEnding(why: RunCause): void {
    state = 'ending';
    cause = why;
  }

  /** Asks for an end behind the command's own. */
  function askForEnd(why: 'timeout' | 'cancel'): void {
    if (isTreeEnded) return;
    asked ??= why;
    if (isWaiting) startEnding(asked);
    else checkDrained();
  }

  function waitOn(isAtWork: boolean): void {
    state = 'draining';
    isHeldByOthers = false;
    isWaiting = isAtWork;
    quietLooks = Math.min(quietLooks * 2, MAX_HELD_PIPE_QUIET_LOOKS);
    for (const output of both) Object.assign(output, { emptyLooks: 0, freeLooks: 0 });
  }

  function deadlineMs(): number {
    if (state === 'running') return timeoutAtMs;
    if (state !== 'draining') return Number.POSITIVE_INFINITY;
    const timeoutNextMs = isWaiting ? timeoutAtMs : Number.POSITIVE_INFINITY;
    return Math.min(timeoutNextMs, both.some(isBlocked) ? Number.POSITIVE_INFINITY : lookAtMs);
  }

  return {
    get state() {
      return state;
    },
    get cause() {
      return cause;
    },
    get exit() {
      return exit;
    },
    get isComplete() {
      return isComplete;
    },
    get looks() {
      return looks;
    },
    handleExit(status, nowMs, countWaiting) {
      exit = status;
      if (state !== 'running') return;
      cause = 'exit';
      if (isTreeSignaled || (isInterrupted && isEndByInterrupt(status))) state = 'ending';
      else startDraining(nowMs, countWaiting);
    },
    handleCancel() {
      if (state === 'running') startEnding('cancel');
      else if (state === 'draining') askForEnd('cancel');
    },
    handleInterrupt() {
      isInterrupted = true;
      if (state === 'draining') askForEnd('cancel');
    },
    handleTreeSignal() {
      isTreeSignaled = true;
      if (state === 'draining') askForEnd('cancel');
    },
    handlePeerGone() {
      isPeerGone = true;
      if (state === 'running') startEnding('gone');
      checkDrained();
    },
    handleTreeEnded(nowMs, countWaiting) {
      if (state !== 'ending') return;
      isTreeEnded = true;
      startDraining(nowMs, countWaiting);
    },
    handleOutput(name, bytes) {
      const output = outputs[name];
      output.hasChanged = true;
      output.emptyLooks = 0;
      output.ownBytes -= bytes;
    },
    handleOutputEnd(name) {
      outputs[name].state = 'ended';
      checkDrained();
    },
    handleBlocked(name, blocked, nowMs) {
      const output = outputs[name];
      if (output.state === 'ended') return;
      output.state = blocked ? 'blocked' : 'flowing';
      output.hasChanged = true;
      output.emptyLooks = 0;
      lookAtMs = nowMs + HELD_PIPE_LOOK_MS;
    },
    handleHolders(kind) {
      if (state !== 'held') return;
      const isAtWork = kind === 'filters';
      const isSure = isAtWork || isHeldByOthers || isTreeEnded || isPeerGone;
      isHeldByOthers = !isAtWork;
      if (!isSure) state = 'draining';
      else if (isTreeEnded || isPeerGone) state = 'over';
      else if (asked !== null && isAtWork) startEnding(asked);
      else if (asked === null && (isAtWork || waitsForAll)) waitOn(isAtWork);
      else state = 'over';
    },
    handleTime(nowMs, countWaiting) {
      if (nowMs < deadlineMs()) return;
      if (state === 'running') startEnding('timeout');
      else if (state === 'draining' && isWaiting && nowMs >= timeoutAtMs) askForEnd('timeout');
      else if (state === 'draining') look(nowMs, countWaiting);
    },
    nextDeadlineMs() {
      const atMs = deadlineMs();
      return Number.isFinite(atMs) ? atMs : null;
    },
  };
}

function newOutput(): Output {
  return { state: 'flowing', hasChanged: false, emptyLooks: 0, freeLooks: 0, ownBytes: 0 };
}

const isBlocked = (output: Output): boolean => output.state === 'blocked';

function isEndByInterrupt({ exitCode, signal }: ExitStatus): boolean {
  return signal === 'SIGINT' || exitCode === EXIT_INTERRUPTED;
}

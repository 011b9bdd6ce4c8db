import {
  HELD_PIPE_CAP_LOOKS,
  HELD_PIPE_LOOK_MS,
  HELD_PIPE_QUIET_LOOKS,
  MAX_HELD_PIPE_QUIET_LOOKS,
} from './limits.ts';

/**
 * The state machine of a run, sans IO; docs/protocol.md, 6.
 *
 * | state    | on                                                    | next     |
 * |----------|-------------------------------------------------------|----------|
 * | running  | the process exits                                     | draining |
 * | running  | the process exits by the user's interrupt             | ending   |
 * | running  | the process exits after a signal for its tree         | ending   |
 * | running  | timeout, cancel, the peer is gone                     | ending   |
 * | ending   | the tree is gone, or its survivors are known          | draining |
 * | draining | both pipes have ended                                 | over     |
 * | draining | each open pipe was empty at enough polls, or the peer is gone | held |
 * | held     | filters are still active                              | draining |
 * | held     | the same, after a timeout or cancel                   | ending   |
 * | held     | only others, at the first search                      | draining |
 * | held     | the same at the next search, or none is waited for    | over     |
 *
 * A pipe is quiet when polls have found it empty. The clock only determines the interval between polls: a process that was
 * stopped for long polls once when it continues, and that counts as one. Holders are searched twice, because processes are
 * not inspected atomically: the writer of a filter may have exited while others were inspected.
 */
export type RunState = 'running' | 'ending' | 'draining' | 'held' | 'over';

/** The first cause of a run's end. `gone`: its client is gone. */
export type RunCause = 'exit' | 'timeout' | 'cancel' | 'gone';

/** The exit status of the process; both null while unknown. */
export interface ExitStatus {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** The two output pipes. */
export type OutputName = 'stdout' | 'stderr';

/** Returns the bytes of an output that were written and not passed to `handleOutput` yet. */
export type CountWaiting = (name: OutputName) => number;

/** The holders of the pipes: filters that still process the command's output, or only other processes. */
export type HolderKind = 'filters' | 'others';

export interface RunLife {
  readonly state: RunState;
  /** Null while it is running. */
  readonly cause: RunCause | null;
  readonly exit: ExitStatus;
  /** False if a process still held a pipe at the end, so that more may have been written to it. */
  readonly isComplete: boolean;
  /** Count of polls of the pipes since the process's exit. */
  readonly looks: number;
  handleExit(exit: ExitStatus, nowMs: number, countWaiting: CountWaiting): void;
  handleCancel(): void;
  /** Records that SIGINT was sent to the command: if the command exits because of it, its tree is ended too. */
  handleInterrupt(): void;
  /** Records a signal that is meant for the tree: however the command exits, its tree is ended too. */
  handleTreeSignal(): void;
  /** The client is gone: the tree is ended, and then nothing is waited for. */
  handlePeerGone(): void;
  /** `endTree` is done. */
  handleTreeEnded(nowMs: number, countWaiting: CountWaiting): void;
  handleOutput(name: OutputName, bytes: number): void;
  handleOutputEnd(name: OutputName): void;
  /** Records whether the reader of a pipe waits for credit; then an empty pipe proves nothing. */
  handleBlocked(name: OutputName, blocked: boolean, nowMs: number): void;
  handleHolders(kind: HolderKind): void;
  /** Handles deadlines and polls. All earlier exits, bytes and ends must have been handled before. */
  handleTime(nowMs: number, countWaiting: CountWaiting): void;
  /** Returns when `handleTime` is due; null if there is no deadline. */
  nextDeadlineMs(): number | null;
}

interface Output {
  state: 'flowing' | 'blocked' | 'ended';
  /** It changed since the last poll, so the next poll does not count. */
  hasChanged: boolean;
  /** Consecutive polls that found it empty. */
  emptyLooks: number;
  /** Polls while it was read without waiting for credit, since the exit or the last search for holders. */
  freeLooks: number;
  /** Bytes still to be read of those in the pipe at the exit, which are the command's own. */
  ownBytes: number;
}

/** The exit status of shells for a command that SIGINT ended. */
const EXIT_INTERRUPTED = 130;

/**
 * @param timeoutMs from the start; null for none
 * @param waitsForAll whether to wait for every holder of a pipe, as sshd does
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
  /** Active filters were found. */
  let isWaiting = false;
  /** The request to end the run while filters may be active. */
  let asked: 'timeout' | 'cancel' | null = null;
  /** The last search found only other holders. */
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

  /** Returns whether no more output has to be read: the pipe has ended, or all of the command's own output was read. */
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

  /** Requests the end of the run after the command's exit. */
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

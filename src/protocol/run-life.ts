import { HELD_PIPE_CAP_MS, HELD_PIPE_GRACE_MS, PIPE_CAPACITY_BYTES } from './limits.ts';

/**
 * The life of a run, sans IO; docs/protocol.md, 6.
 *
 * | state    | on                          | next     |
 * |----------|-----------------------------|----------|
 * | running  | the process exits           | draining |
 * | running  | timeout, cancel             | ending   |
 * | ending   | the tree is gone, or its survivors are known | draining |
 * | draining | both pipes have ended       | over     |
 * | draining | quiet, beyond the cap, or the peer is gone | held |
 * | held     | its holders are named       | over     |
 */
export type RunState = 'running' | 'ending' | 'draining' | 'held' | 'over';

/** Why a run left `running`: decided once. `gone`: nobody waits for its outcome any more. */
export type RunCause = 'exit' | 'timeout' | 'cancel' | 'gone';

/** How the process ended by itself; both null while that is not known. */
export interface ExitStatus {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** The two pipes that are read. */
export type OutputName = 'stdout' | 'stderr';

export interface RunLife {
  readonly state: RunState;
  /** Null while it is running. */
  readonly cause: RunCause | null;
  readonly exit: ExitStatus;
  handleExit(exit: ExitStatus, nowMs: number): void;
  handleCancel(): void;
  /** Nobody waits for the outcome any more: the tree is ended, and then nothing is waited for. */
  handlePeerGone(): void;
  /** `endTree` is done. */
  handleTreeEnded(nowMs: number): void;
  handleOutput(name: OutputName, bytes: number, nowMs: number): void;
  handleOutputEnd(name: OutputName): void;
  /** Whether the reader of a pipe waits for credit: then quiet says nothing about the pipe. */
  handleBlocked(name: OutputName, blocked: boolean, nowMs: number): void;
  handleHoldersKnown(): void;
  handleTime(nowMs: number): void;
  /** When `handleTime` is due; null when time changes nothing. */
  nextDeadlineMs(): number | null;
}

interface Output {
  state: 'flowing' | 'blocked' | 'ended';
  /** The last byte, the last lack of credit, or the exit: quiet is counted from here. */
  lastMs: number;
  /** The exit, or the last lack of credit: since then the pipe is emptied as fast as it fills. */
  flowingSinceMs: number;
  bytesSinceExit: number;
}

/** @param timeoutMs from the start; null for none */
export function createRunLife(startedMs: number, timeoutMs: number | null): RunLife {
  const outputs: Record<OutputName, Output> = {
    stdout: { state: 'flowing', lastMs: startedMs, flowingSinceMs: startedMs, bytesSinceExit: 0 },
    stderr: { state: 'flowing', lastMs: startedMs, flowingSinceMs: startedMs, bytesSinceExit: 0 },
  };
  const both = [outputs.stdout, outputs.stderr];
  const timeoutAtMs = timeoutMs === null ? Number.POSITIVE_INFINITY : startedMs + timeoutMs;
  let state: RunState = 'running';
  let cause: RunCause | null = null;
  let exit: ExitStatus = { exitCode: null, signal: null };
  let drainingSinceMs = 0;
  let isPeerGone = false;

  function startDraining(nowMs: number): void {
    state = 'draining';
    drainingSinceMs = nowMs;
    for (const output of both) {
      output.lastMs = nowMs;
      output.flowingSinceMs = nowMs;
      output.bytesSinceExit = 0;
    }
    checkEnded();
    giveUpIfGone();
  }

  function startEnding(why: RunCause): void {
    if (state !== 'running') return;
    state = 'ending';
    cause = why;
  }

  function checkEnded(): void {
    if (state === 'draining' && both.every((output) => output.state === 'ended')) state = 'over';
  }

  function giveUpIfGone(): void {
    if (state === 'draining' && isPeerGone) state = 'held';
  }

  /** When a pipe that is still open may be given up: all that the command itself wrote has come out of it. */
  function heldAtMs(output: Output): number {
    if (output.state === 'ended') return 0;
    if (output.state === 'blocked') return Number.POSITIVE_INFINITY;
    const quietAtMs = output.lastMs + HELD_PIPE_GRACE_MS;
    // What comes now was written after the exit: more came since than a pipe holds, or it was emptied all the time.
    const sinceMs = output.bytesSinceExit > PIPE_CAPACITY_BYTES ? drainingSinceMs : output.flowingSinceMs;
    return Math.min(quietAtMs, sinceMs + HELD_PIPE_CAP_MS);
  }

  function deadlineMs(): number {
    if (state === 'running') return timeoutAtMs;
    if (state === 'draining') return Math.max(...both.map(heldAtMs));
    return Number.POSITIVE_INFINITY;
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
    handleExit(status, nowMs) {
      exit = status;
      if (state !== 'running') return;
      cause = 'exit';
      startDraining(nowMs);
    },
    handleCancel: () => startEnding('cancel'),
    handlePeerGone() {
      isPeerGone = true;
      startEnding('gone');
      giveUpIfGone();
    },
    handleTreeEnded(nowMs) {
      if (state === 'ending') startDraining(nowMs);
    },
    handleOutput(name, bytes, nowMs) {
      outputs[name].lastMs = nowMs;
      outputs[name].bytesSinceExit += bytes;
    },
    handleOutputEnd(name) {
      outputs[name].state = 'ended';
      checkEnded();
    },
    handleBlocked(name, blocked, nowMs) {
      const output = outputs[name];
      if (output.state === 'ended') return;
      output.state = blocked ? 'blocked' : 'flowing';
      output.lastMs = nowMs;
      output.flowingSinceMs = nowMs;
    },
    handleHoldersKnown() {
      if (state === 'held') state = 'over';
    },
    handleTime(nowMs) {
      if (nowMs < deadlineMs()) return;
      if (state === 'running') startEnding('timeout');
      else if (state === 'draining') state = 'held';
    },
    nextDeadlineMs() {
      const atMs = deadlineMs();
      return Number.isFinite(atMs) ? atMs : null;
    },
  };
}
